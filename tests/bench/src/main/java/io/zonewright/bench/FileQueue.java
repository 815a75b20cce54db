package io.zonewright.bench;

import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.runtime.PollLoop;
import io.zonewright.runtime.Pollable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a front-end's queue does around a device, and nothing else: keeps a number of requests in flight from a queue loop,
 * and takes completions that come from other threads out of a mailbox.
 */
final class FileQueue implements Pollable, AutoCloseable {
    private final ZonedDevice device;
    private final PollLoop loop;
    private final Mapping memory;
    private final Slot[] slots;
    private final CompletionMailbox mailbox;
    private final Operation operation;
    private final int bytes;
    private final long places;
    private long random = 0x9E37_79B9_7F4A_7C15L;
    private long done;
    private int inFlight;
    private boolean stopping;
    private CountDownLatch stopped = new CountDownLatch(1);

    private final class Slot extends DeviceRequest {
        @Override
        protected void onComplete() {
            mailbox.post(this);
        }
    }

    FileQueue(ZonedDevice device, PollLoop loop, boolean write, int bytes, int depth, long fileBytes) {
        this.device = device;
        this.loop = loop;
        this.bytes = bytes;
        operation = write ? Operation.WRITE : Operation.READ;
        places = fileBytes / bytes;
        mailbox = new CompletionMailbox(loop::wake);
        memory = Mapping.anonymous(Posix.system(), (long) depth * bytes);
        memory.segment().fill((byte) 0x5A);
        slots = new Slot[depth];
        for (int i = 0; i < depth; i++) {
            slots[i] = new Slot();
            slots[i].data().add(memory.segment(), (long) i * bytes, bytes);
        }
        loop.run(() -> loop.add(this));
    }

    /** Runs for so long; how many requests were done. */
    long run(long millis) throws InterruptedException {
        loop.run(() -> {
            done = 0;
            stopping = false;
            stopped = new CountDownLatch(1);
            device.beginBatch();
            for (Slot slot : slots) {
                submit(slot);
            }
            device.endBatch();
        });
        TimeUnit.MILLISECONDS.sleep(millis); // the length of the measurement
        CountDownLatch latch = loop.call(() -> {
            stopping = true;
            return stopped;
        });
        if (!latch.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("requests do not come back");
        }
        return loop.call(() -> done);
    }

    private void submit(DeviceRequest slot) {
        // xorshift: a place for each request, without a division by an odd number of them
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        slot.prepare(operation, (random >>> 1) % places * bytes, bytes);
        inFlight++;
        device.submit(slot);
    }

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public int poll(int limit) {
        DeviceRequest request = mailbox.poll();
        if (request == null) {
            return 0;
        }
        int count = 0;
        device.beginBatch();
        try {
            for (; request != null; request = count < limit ? mailbox.poll() : null) {
                count++;
                inFlight--;
                done++;
                if (!request.cause().success()) {
                    throw new IllegalStateException(request + " ended with " + request.cause());
                }
                if (!stopping) {
                    submit(request);
                }
            }
        } finally {
            device.endBatch();
        }
        if (stopping && inFlight == 0) {
            stopped.countDown();
        }
        return count;
    }

    @Override
    public boolean arm() {
        return !mailbox.isEmpty();
    }

    @Override
    public void disarm() {}

    @Override
    public void failed(Throwable cause) {
        cause.printStackTrace();
    }

    @Override
    public void close() {
        loop.run(() -> loop.remove(this));
        memory.close();
    }
}

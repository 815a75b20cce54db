package io.zonewright.testkit.nvme.pcie;

import io.zonewright.posix.EventFd;
import io.zonewright.posix.Linux;
import io.zonewright.posix.Mapping;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.nvme.ControllerGoneException;
import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeFlight;
import io.zonewright.testkit.nvme.NvmeHost;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.Sqe;
import io.zonewright.testkit.vfiouser.RegionInfo;
import io.zonewright.testkit.vfiouser.VfioUser;
import io.zonewright.testkit.vfiouser.VfioUserClient;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A host of an NVMe PCIe controller behind vfio-user. Layouts of data take turns unless a test names one. Guest memory has
 * a region for queues, two for data, and one for the data of admin commands.
 */
public final class NvmePcieHost implements NvmeHost {
    private static final int RING_REGION = 0;
    private static final long RING_BYTES = 16L << 20;
    private static final long ADMIN_BYTES = 8L << 20;
    private static final int ADMIN_SIZE = 32;
    private static final int DOORBELLS = 0x1000;
    private static final int SLICE_MILLIS = 100;
    private static final int INTERRUPT_MILLIS = 2_000;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle DOORBELL = U32.varHandle();

    private final Posix posix;
    private final VfioUserClient client;
    private final PcieOptions options;
    private final GuestMemory memory;
    private final GuestPool ioData;
    private final GuestPool adminData;
    private final List<PcieQueue> queues = new ArrayList<>();
    private final int stride;
    private @Nullable Mapping doorbellPage;
    private long doorbellPageAt;
    private long shadow = -1;
    private long events;
    private long trapped;
    private int turn;

    private NvmePcieHost(Posix posix, VfioUserClient client, PcieOptions options) {
        this.posix = posix;
        this.client = client;
        this.options = options;
        memory = new GuestMemory(posix, RING_BYTES, options.dataBytes(), options.dataBytes(), ADMIN_BYTES);
        ioData = new GuestPool(memory, 1, 2);
        adminData = new GuestPool(memory, 3);
        client.version();
        // Class 01h, sub-class 08h, interface 02h.
        if (client.get(VfioUser.REGION_CONFIG, 8, 4) >>> 8 != 0x010802) {
            throw new IllegalStateException("not an NVMe controller");
        }
        client.enableMemory();
        memory.regions().forEach(client::dmaMap);
        // CAP.DSTRD, bits 35:32.
        stride = 4 << (property(Nvme.CAP, 8) >>> 32 & 0xF);
    }

    /** Attaches, enables the controller and makes the I/O queues. */
    public static NvmePcieHost connect(Posix posix, Path socket, PcieOptions options) {
        NvmePcieHost host = attach(posix, socket, options);
        try {
            host.start();
            return host;
        } catch (RuntimeException e) {
            host.close();
            throw e;
        }
    }

    /** Attaches and shares memory; the controller stays disabled. */
    public static NvmePcieHost attach(Posix posix, Path socket, PcieOptions options) {
        VfioUserClient client = VfioUserClient.connect(posix, socket);
        @Nullable NvmePcieHost host = null;
        try {
            host = new NvmePcieHost(posix, client, options);
        } finally {
            if (host == null) {
                client.close();
            }
        }
        return Objects.requireNonNull(host);
    }

    /** Base section 3.5.1: queues, CC, CSTS.RDY; then interrupts, shadow doorbells, I/O queues. */
    public void start() {
        PcieQueue admin = queue(0, ADMIN_SIZE);
        List<EventFd> all = new ArrayList<>();
        all.add(admin.interrupt());
        List<PcieQueue> io = new ArrayList<>();
        for (int i = 1; i <= options.queues(); i++) {
            PcieQueue queue = queue(i, options.queueSize());
            io.add(queue);
            all.add(queue.interrupt());
        }
        client.enableInterrupts(all);
        setProperty(Nvme.AQA, 4, (ADMIN_SIZE - 1) | (ADMIN_SIZE - 1) << 16);
        setProperty(Nvme.ASQ, 8, admin.submissions());
        setProperty(Nvme.ACQ, 8, admin.completions());
        enable();
        mustAdmin(NvmeRequest.queues(Math.max(1, options.queues())));
        if (options.doorbells() == PcieOptions.Doorbells.MAPPED) {
            mapDoorbells();
        }
        if (options.doorbells() == PcieOptions.Doorbells.SHADOW) {
            shadowDoorbells();
        }
        io.forEach(this::create);
    }

    private PcieQueue queue(int id, int size) {
        PcieQueue queue = new PcieQueue(posix, memory, RING_REGION, id == 0 ? adminData : ioData, id, size);
        queue.bells(value -> ring(queue, true, value), value -> ring(queue, false, value));
        queues.add(queue);
        return queue;
    }

    /** Creates the completion queue, then the submission queue (Base sections 5.2.1 and 5.2.2). */
    private void create(PcieQueue queue) {
        int id = queue.id();
        int interrupt = options.interrupts() ? 2 | id << 16 : 0;
        mustRaw(new Sqe(Nvme.ADMIN_CREATE_CQ)
                .prp(queue.completions(), 0)
                .dword(10, id | (queue.size() - 1) << 16)
                .dword(11, 1 | interrupt));
        mustRaw(new Sqe(Nvme.ADMIN_CREATE_SQ)
                .prp(queue.submissions(), 0)
                .dword(10, id | (queue.size() - 1) << 16)
                .dword(11, 1 | id << 16));
    }

    /** Deletes an I/O queue, submission queue first; commands in flight on it end with that. */
    public void delete(int id) {
        mustRaw(new Sqe(Nvme.ADMIN_DELETE_SQ).dword(10, id));
        mustRaw(new Sqe(Nvme.ADMIN_DELETE_CQ).dword(10, id));
    }

    /** A command on the admin queue just as it is, data pointer included. */
    public NvmeResult raw(int queue, Sqe sqe) {
        PcieQueue.Flight flight = queues.get(queue).stageRaw(sqe);
        queues.get(queue).ring();
        return await(queue, flight);
    }

    private void mustRaw(Sqe sqe) {
        NvmeResult result = raw(0, sqe);
        if (result.status() != 0) {
            throw new ControllerGoneException("command " + sqe + " ended with " + result);
        }
    }

    private void mapDoorbells() {
        try (RegionInfo region = client.region(VfioUser.REGION_BAR0)) {
            if (!region.mappable()) {
                return;
            }
            for (RegionInfo.Area area : region.areas()) {
                if (area.offset() <= DOORBELLS && area.offset() + area.size() > DOORBELLS) {
                    doorbellPageAt = area.offset();
                    doorbellPage = Mapping.ofFile(
                            posix,
                            Objects.requireNonNull(region.fd()).duplicate(),
                            region.fileOffset() + area.offset(),
                            area.size(),
                            true);
                }
            }
        }
    }

    /** Whether doorbells are stores to a mapped page. */
    public boolean doorbellsMapped() {
        return doorbellPage != null;
    }

    /** Whether shadow doorbells are in use. */
    public boolean doorbellsShadowed() {
        return shadow >= 0;
    }

    private void shadowDoorbells() {
        shadow = -1;
        long page = memory.allocate(RING_REGION, DataLayout.PAGE, DataLayout.PAGE);
        long eventPage = memory.allocate(RING_REGION, DataLayout.PAGE, DataLayout.PAGE);
        memory.fill(page, DataLayout.PAGE, 0);
        memory.fill(eventPage, DataLayout.PAGE, 0);
        mustRaw(new Sqe(Nvme.ADMIN_DOORBELL_BUFFER).prp(page, eventPage));
        shadow = page;
        events = eventPage;
    }

    /** How many doorbells were written as messages. */
    public long trappedDoorbells() {
        return trapped;
    }

    private void ring(PcieQueue queue, boolean submission, int value) {
        int index = 2 * queue.id() + (submission ? 0 : 1);
        long offset = DOORBELLS + (long) index * stride;
        Mapping page = doorbellPage;
        if (page != null && offset + 4 <= doorbellPageAt + page.segment().byteSize()) {
            DOORBELL.setRelease(page.segment(), offset - doorbellPageAt, value);
            return;
        }
        if (shadow >= 0 && queue.id() > 0) {
            MemorySegment cell = memory.slice(shadow + (long) index * stride, 4);
            int before = cell.get(U32, 0);
            DOORBELL.setRelease(cell, 0L, value);
            VarHandle.fullFence(); // the value is out before we look at what the controller wants
            int event = (int) DOORBELL.getAcquire(memory.slice(events + (long) index * stride, 4), 0L);
            // As Linux: told only if the event index was passed, in 16 bits.
            if ((value - event - 1 & 0xFFFF) >= (value - before & 0xFFFF)) {
                return;
            }
        }
        trapped++;
        client.post(VfioUser.REGION_BAR0, offset, VfioUserClient.little(4, value));
    }

    /** Sets CC.EN and waits for CSTS.RDY. */
    public void enable() {
        setProperty(Nvme.CC, 4, Nvme.CC_ENABLE);
        awaitStatus(Nvme.CSTS_READY | Nvme.CSTS_FATAL, Nvme.CSTS_READY);
    }

    /** Waits for bits of CSTS. */
    public void awaitStatus(int mask, int value) {
        long end = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
        while ((property(Nvme.CSTS, 4) & mask) != value) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("CSTS stays 0x" + Long.toHexString(property(Nvme.CSTS, 4)));
            }
        }
    }

    /** The carrier, for messages of the test's own. */
    public VfioUserClient client() {
        return client;
    }

    /** The guest's memory: region 0 for queues, 1 and 2 for data, 3 for admin data. */
    public GuestMemory memory() {
        return memory;
    }

    /** A queue, to look into or to break. */
    public PcieQueue queue(int index) {
        return queues.get(index);
    }

    @Override
    public int ioQueues() {
        return queues.size() - 1;
    }

    @Override
    public NvmeFlight submit(int queue, NvmeRequest request) {
        DataLayout[] all = DataLayout.values();
        // Admin commands of PCIe controllers use PRPs (Base section 4.3).
        return submit(queue, request, queue == 0 ? all[turn++ % 3] : all[turn++ % all.length]);
    }

    /** Sends a command with its data laid out so. */
    public PcieQueue.Flight submit(int queue, NvmeRequest request, DataLayout layout) {
        PcieQueue.Flight flight = queues.get(queue).stage(request, layout);
        queues.get(queue).ring();
        return flight;
    }

    /** Asks and waits, with the data laid out so. */
    public NvmeResult run(int queue, NvmeRequest request, DataLayout layout) {
        return await(queue, submit(queue, request, layout));
    }

    @Override
    public int collect(int queue) {
        return queues.get(queue).collect();
    }

    @Override
    public boolean awaitCompletion(int index, NvmeFlight flight, int timeoutMillis) {
        PcieQueue queue = queues.get(index);
        boolean interrupts = index == 0 || options.interrupts();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (flight.result() == null) {
            if (queue.collect() > 0) {
                continue;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            if (!interrupts) {
                Thread.onSpinWait();
            } else if (posix.poll(queue.interrupt().fd(), Linux.POLLIN, (int) Math.min(left, SLICE_MILLIS)) != 0) {
                queue.interrupt().drain();
                continue;
            } else if (queue.collect() > 0) {
                // The controller shows the completion first, so the interrupt may be a moment away, no longer.
                if (posix.poll(queue.interrupt().fd(), Linux.POLLIN, INTERRUPT_MILLIS) == 0) {
                    throw new IllegalStateException("a completion without an interrupt: queue " + index);
                }
            }
            if (flight.result() == null && client.hungUp()) {
                throw new ControllerGoneException("the device hung up with a command in flight: " + flight.request());
            }
        }
        return true;
    }

    @Override
    public long property(int offset, int bytes) {
        return client.get(VfioUser.REGION_BAR0, offset, bytes);
    }

    @Override
    public void setProperty(int offset, int bytes, long value) {
        client.put(VfioUser.REGION_BAR0, offset, bytes, value);
    }

    /** Hangs up and gives everything back. */
    @Override
    public void close() {
        client.close();
        queues.forEach(PcieQueue::close);
        if (doorbellPage != null) {
            doorbellPage.close();
        }
        memory.close();
    }
}

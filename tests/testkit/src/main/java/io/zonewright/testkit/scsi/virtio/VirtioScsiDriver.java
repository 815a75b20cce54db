package io.zonewright.testkit.scsi.virtio;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.guest.GuestMemory;
import io.zonewright.testkit.scsi.ScsiFlight;
import io.zonewright.testkit.scsi.ScsiHost;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.ScsiResult;
import io.zonewright.testkit.scsi.TargetGoneException;
import io.zonewright.testkit.scsi.TaskFunction;
import io.zonewright.testkit.scsi.TaskFunctionAnswer;
import io.zonewright.testkit.vhostuser.DeviceRefusedException;
import io.zonewright.testkit.vhostuser.VhostUser;
import io.zonewright.testkit.vhostuser.VhostUserDriver;
import io.zonewright.testkit.virtio.Ring;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A virtio-scsi driver behind vhost-user. {@link #run} and its kin speak SCSI; {@link #control}, {@link #events} and
 * {@link #requests} are the queues themselves, for bytes of the test's own.
 */
public final class VirtioScsiDriver implements ScsiHost {
    private static final int RINGS = 0;
    private static final int DATA = 1;
    private static final long RING_BYTES = 8L << 20;
    private static final int SLICE_MILLIS = 100;

    private final VhostUserDriver device;
    private final GuestMemory memory;
    private final long offeredFeatures;
    private final long features;
    private final int deviceQueues;
    private final List<ChainQueue> queues = new ArrayList<>();
    private final List<List<Flight>> flights = new ArrayList<>();
    private final AtomicLong tags = new AtomicLong(0x1234_5678_0000_0000L);

    /**
     * How to connect.
     *
     * @param queues request queues
     * @param queueSize entries of each ring
     * @param features wanted, of those that are offered
     * @param dataBytes memory of each queue for what is in flight at a time
     */
    public record Options(int queues, int queueSize, long features, long dataBytes) {
        public static final Options DEFAULT = new Options(
                1,
                64,
                VirtioScsi.F_HOTPLUG | VirtioScsi.F_CHANGE | VirtioScsi.F_EVENT_IDX | VirtioScsi.F_VERSION_1,
                8L << 20);

        public Options withQueues(int value) {
            return new Options(value, queueSize, features, dataBytes);
        }

        public Options withQueueSize(int value) {
            return new Options(queues, value, features, dataBytes);
        }

        public Options withFeatures(long value) {
            return new Options(queues, queueSize, value, dataBytes);
        }

        /** With packed rings, which the device has to offer. */
        public Options packed() {
            return withFeatures(features | VirtioScsi.F_RING_PACKED);
        }

        public Options withDataBytes(long value) {
            return new Options(queues, queueSize, features, value);
        }
    }

    private static final class Flight extends ScsiFlight {
        private final ChainQueue.Chain chain;

        Flight(ScsiRequest request, long tag, ChainQueue.Chain chain) {
            super(request, tag);
            this.chain = chain;
        }

        void finish() {
            byte[] in = chain.in();
            ByteBuffer response = ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN);
            int head = VirtioScsi.RESPONSE_BYTES + VirtioScsi.SENSE_BYTES;
            int senseLength = response.getInt(0);
            long residual = response.getInt(4) & 0xFFFF_FFFFL;
            int used = (int) Math.max(0, request().inBytes() - residual);
            end(new ScsiResult(
                    response.get(11) & 0xFF,
                    response.get(10) & 0xFF,
                    Arrays.copyOfRange(in, VirtioScsi.RESPONSE_BYTES, VirtioScsi.RESPONSE_BYTES + senseLength),
                    Arrays.copyOfRange(in, head, head + used),
                    residual));
        }
    }

    private VirtioScsiDriver(Posix posix, VhostUserDriver device, Options options) {
        this.device = device;
        int all = VirtioScsi.FIRST_REQUEST_QUEUE + options.queues();
        memory = new GuestMemory(posix, RING_BYTES, all * options.dataBytes());
        offeredFeatures = device.getFeatures();
        device.setProtocolFeatures(device.getProtocolFeatures()
                & (VhostUser.PF_MQ | VhostUser.PF_REPLY_ACK | VhostUser.PF_CONFIG | VhostUser.PF_RESET_DEVICE));
        deviceQueues = device.getQueueNum();
        device.setOwner();
        if ((options.features() & ~offeredFeatures & VirtioScsi.F_RING_PACKED) != 0) {
            throw new DeviceRefusedException("no packed rings on offer: 0x" + Long.toHexString(offeredFeatures));
        }
        features = offeredFeatures & (options.features() | VhostUser.F_PROTOCOL_FEATURES);
        requireGood("SET_FEATURES", device.setFeatures(features));
        requireGood("SET_MEM_TABLE", device.setMemTable(memory.regions()));
        boolean packed = (features & VirtioScsi.F_RING_PACKED) != 0;
        boolean eventIndex = (features & VirtioScsi.F_EVENT_IDX) != 0;
        for (int i = 0; i < all; i++) {
            Ring ring = Ring.create(memory, RINGS, options.queueSize(), 0, packed, eventIndex);
            ChainQueue queue = new ChainQueue(posix, memory, DATA, options.dataBytes(), ring);
            queues.add(queue);
            flights.add(new ArrayList<>());
            device.startQueue(i, ring, memory, queue.kick(), queue.call());
        }
    }

    private static void requireGood(String what, long answer) {
        if (answer != 0) {
            throw new TargetGoneException(what + " was answered with " + answer);
        }
    }

    /** Connects, negotiates and starts control, event and request queues. */
    public static VirtioScsiDriver connect(Posix posix, Path socket, Options options) {
        VhostUserDriver device = VhostUserDriver.connect(posix, socket);
        try {
            return new VirtioScsiDriver(posix, device, options);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    /** The carrier, for messages of the test's own. */
    public VhostUserDriver device() {
        return device;
    }

    /** The guest's memory. */
    public GuestMemory memory() {
        return memory;
    }

    /** What the device offered. */
    public long offeredFeatures() {
        return offeredFeatures;
    }

    /** What was negotiated. */
    public long features() {
        return features;
    }

    /** All queues that the device has. */
    public int deviceQueues() {
        return deviceQueues;
    }

    /** The control queue. */
    public ChainQueue control() {
        return queues.get(VirtioScsi.CONTROL_QUEUE);
    }

    /** The event queue. */
    public ChainQueue events() {
        return queues.get(VirtioScsi.EVENT_QUEUE);
    }

    /** A request queue, from 0. */
    public ChainQueue requests(int index) {
        return queues.get(VirtioScsi.FIRST_REQUEST_QUEUE + index);
    }

    @Override
    public int queues() {
        return queues.size() - VirtioScsi.FIRST_REQUEST_QUEUE;
    }

    /** Lays a command out without showing it. */
    public ScsiFlight stage(int queue, ScsiRequest request) {
        long tag = tags.getAndIncrement();
        int room = VirtioScsi.RESPONSE_BYTES + VirtioScsi.SENSE_BYTES + request.inBytes();
        Flight flight = new Flight(request, tag, requests(queue).stage(VirtioScsi.command(request, tag), room));
        flights.get(queue).add(flight);
        return flight;
    }

    @Override
    public ScsiFlight submit(int queue, ScsiRequest request) {
        ScsiFlight flight = stage(queue, request);
        requests(queue).submit();
        return flight;
    }

    @Override
    public int collect(int queue) {
        requests(queue).collect();
        return finish(queue);
    }

    private int finish(int queue) {
        List<Flight> mine = flights.get(queue);
        int before = mine.size();
        mine.removeIf(flight -> {
            if (flight.chain.done()) {
                flight.finish();
            }
            return flight.result() != null;
        });
        return before - mine.size();
    }

    @Override
    public boolean awaitCompletion(int queue, ScsiFlight flight, int timeoutMillis) {
        int left = timeoutMillis;
        while (flight.result() == null) {
            boolean came = requests(queue).await(((Flight) flight).chain, Math.min(left, SLICE_MILLIS));
            finish(queue);
            left -= SLICE_MILLIS;
            if (!came && device.hungUp()) {
                throw new TargetGoneException("the device hung up with a command in flight: " + flight.request());
            }
            if (!came && left <= 0) {
                return false;
            }
        }
        return true;
    }

    /** The response byte of a task management function. */
    public int manage(int subtype, long lunField, long id) {
        ChainQueue.Chain chain = control().send(VirtioScsi.function(subtype, lunField, id), 1);
        if (!control().await(chain, TIMEOUT_MILLIS)) {
            throw new IllegalStateException("no answer to task management function " + subtype);
        }
        return chain.in()[0] & 0xFF;
    }

    @Override
    public TaskFunctionAnswer manage(TaskFunction function, long lun, long tag) {
        int subtype = switch (function) {
            case ABORT_TASK -> VirtioScsi.TMF_ABORT_TASK;
            case ABORT_TASK_SET -> VirtioScsi.TMF_ABORT_TASK_SET;
            case CLEAR_ACA -> VirtioScsi.TMF_CLEAR_ACA;
            case CLEAR_TASK_SET -> VirtioScsi.TMF_CLEAR_TASK_SET;
            case LOGICAL_UNIT_RESET -> VirtioScsi.TMF_LOGICAL_UNIT_RESET;
            case I_T_NEXUS_RESET -> VirtioScsi.TMF_I_T_NEXUS_RESET;
            case QUERY_TASK -> VirtioScsi.TMF_QUERY_TASK;
            case QUERY_TASK_SET -> VirtioScsi.TMF_QUERY_TASK_SET;
            case QUERY_ASYNCHRONOUS_EVENT, TARGET_WARM_RESET, TARGET_COLD_RESET ->
                throw new IllegalArgumentException("virtio-scsi has no " + function);
        };
        return switch (manage(subtype, VirtioScsi.lun(lun), tag)) {
            case VirtioScsi.S_OK -> TaskFunctionAnswer.COMPLETE;
            case VirtioScsi.S_FUNCTION_SUCCEEDED -> TaskFunctionAnswer.SUCCEEDED;
            case VirtioScsi.S_FUNCTION_REJECTED -> TaskFunctionAnswer.REJECTED;
            case VirtioScsi.S_INCORRECT_LUN -> TaskFunctionAnswer.INCORRECT_LUN;
            default -> TaskFunctionAnswer.FAILED;
        };
    }

    /** Hangs up and gives everything back. */
    @Override
    public void close() {
        device.close();
        queues.forEach(ChainQueue::close);
        memory.close();
    }
}

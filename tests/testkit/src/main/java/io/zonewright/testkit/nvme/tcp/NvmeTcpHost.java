package io.zonewright.testkit.nvme.tcp;

import io.zonewright.testkit.nvme.ControllerGoneException;
import io.zonewright.testkit.nvme.IdentifyController;
import io.zonewright.testkit.nvme.Nvme;
import io.zonewright.testkit.nvme.NvmeFlight;
import io.zonewright.testkit.nvme.NvmeHost;
import io.zonewright.testkit.nvme.NvmeRequest;
import io.zonewright.testkit.nvme.NvmeResult;
import io.zonewright.testkit.nvme.Sqe;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A host over NVMe/TCP: an admin connection, the controller enabled, and a connection for each I/O queue. */
public final class NvmeTcpHost implements NvmeHost {
    /** NQN of every discovery subsystem (Base section 4.5). */
    public static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";

    private static final int ADMIN_QUEUE_SIZE = 32;
    /** A controller may ask for data late, when others have been served; then it is sent when somebody waits. */
    private static final int DATA_MILLIS = 500;

    private static final int DYNAMIC = 0xFFFF;

    private final InetSocketAddress address;
    private final String subsystem;
    private final TcpOptions options;
    private final List<NvmeTcpQueue> queues = new ArrayList<>();
    private final int controller;

    private NvmeTcpHost(InetSocketAddress address, String subsystem, TcpOptions options) {
        this.address = address;
        this.subsystem = subsystem;
        this.options = options;
        controller = open(0, DYNAMIC, ADMIN_QUEUE_SIZE).dw0() & 0xFFFF;
    }

    /**
     * Connects, enables the controller and makes the I/O queues (none for a discovery controller).
     *
     * @throws ControllerGoneException if the controller refuses
     */
    public static NvmeTcpHost connect(InetSocketAddress address, String subsystem, TcpOptions options) {
        NvmeTcpHost host = admin(address, subsystem, options);
        try {
            host.enable();
            if (!subsystem.equals(DISCOVERY)) {
                host.startQueues();
            }
            return host;
        } catch (RuntimeException e) {
            host.close();
            throw e;
        }
    }

    /** Connects the admin queue only; the controller stays disabled. */
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public static NvmeTcpHost admin(InetSocketAddress address, String subsystem, TcpOptions options) {
        return new NvmeTcpHost(address, subsystem, options);
    }

    /** Sets CC.EN and waits for CSTS.RDY. */
    public void enable() {
        setProperty(Nvme.CC, 4, Nvme.CC_ENABLE);
        await(Nvme.CSTS_READY, Nvme.CSTS_READY);
    }

    /** Waits for bits of CSTS. */
    public void await(int mask, int value) {
        long end = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
        while ((property(Nvme.CSTS, 4) & mask) != value) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("CSTS stays 0x" + Long.toHexString(property(Nvme.CSTS, 4)));
            }
        }
    }

    private void startQueues() {
        mustAdmin(NvmeRequest.queues(options.queues()));
        int capsule =
                new IdentifyController(mustAdmin(NvmeRequest.identify(1, 0, 0)).in()).capsuleBytes() - Sqe.BYTES;
        for (int i = 1; i <= options.queues(); i++) {
            open(i, controller, options.queueSize());
            queues.get(i).capsuleData(capsule);
        }
    }

    /** Opens a connection and sends Connect; adds it to the queues if that succeeded. */
    private NvmeResult open(int number, int controllerId, int size) {
        NvmeTcpQueue queue = NvmeTcpQueue.open(address, options, size);
        try {
            NvmeResult result = queue.run(NvmeTcpQueue.connect(options, subsystem, number, size, controllerId));
            if (result.status() != 0) {
                throw new ControllerGoneException("Connect of queue " + number + " ended with " + result);
            }
            queues.add(queue);
            return result;
        } catch (RuntimeException e) {
            queue.close();
            throw e;
        }
    }

    /** The controller's identifier. */
    public int controller() {
        return controller;
    }

    /** A queue, to look into or to break. */
    public NvmeTcpQueue queue(int index) {
        return queues.get(index);
    }

    @Override
    public int ioQueues() {
        return queues.size() - 1;
    }

    @Override
    public NvmeFlight submit(int queue, NvmeRequest request) {
        NvmeTcpQueue.Flight flight = queues.get(queue).submit(request);
        queues.get(queue).awaitDataSent(flight, DATA_MILLIS);
        return flight;
    }

    @Override
    public int collect(int queue) {
        return queues.get(queue).collect();
    }

    @Override
    public boolean awaitCompletion(int queue, NvmeFlight flight, int timeoutMillis) {
        return queues.get(queue).await(flight, timeoutMillis);
    }

    /** Property Get (Base section 6.5): attributes at 40, offset at 44. */
    @Override
    public long property(int offset, int bytes) {
        NvmeResult result = admin(NvmeRequest.plain(new Sqe(Nvme.FABRICS)
                .octet(4, Nvme.FABRICS_PROPERTY_GET)
                .octet(40, bytes == 8 ? 1 : 0)
                .dword(11, offset)));
        if (result.status() != 0) {
            throw new IllegalStateException("Property Get of 0x" + Integer.toHexString(offset) + ": " + result);
        }
        return bytes == 8 ? result.dw01() : result.dw0() & 0xFFFF_FFFFL;
    }

    /** Property Set (Base section 6.6): as Property Get, value at 48. */
    @Override
    public void setProperty(int offset, int bytes, long value) {
        NvmeResult result = admin(NvmeRequest.plain(new Sqe(Nvme.FABRICS)
                .octet(4, Nvme.FABRICS_PROPERTY_SET)
                .octet(40, bytes == 8 ? 1 : 0)
                .dword(11, offset)
                .quad(12, value)));
        if (result.status() != 0) {
            throw new IllegalStateException("Property Set of 0x" + Integer.toHexString(offset) + ": " + result);
        }
    }

    /** Hangs up, I/O queues first, without a shutdown. */
    @Override
    public void close() {
        queues.reversed().forEach(NvmeTcpQueue::close);
    }
}

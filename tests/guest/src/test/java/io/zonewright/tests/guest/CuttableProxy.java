package io.zonewright.tests.guest;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Stands between hosts and a target, and fails on demand as a network does: at its worst, when requests have arrived and
 * their answers are lost. Knows of the protocol only how long a PDU is and which ones are answers, to hold back those and
 * nothing else.
 */
final class CuttableProxy implements AutoCloseable {
    /** What it knows of a protocol. */
    enum Wire {
        /** The common header (TCP Transport 1.1, section 3.6.1.1); answers are response capsules. */
        NVME_TCP(8) {
            @Override
            long length(ByteBuffer header) {
                return Integer.toUnsignedLong(Integer.reverseBytes(header.getInt(4)));
            }

            @Override
            boolean isAnswer(ByteBuffer header) {
                return header.get(0) == 5;
            }
        },
        /** The basic header segment without digests (RFC 7143, section 11.2.1); answers are SCSI Responses. */
        ISCSI(48) {
            @Override
            long length(ByteBuffer header) {
                int words = header.getInt(4);
                int additional = (words >>> 24) * 4;
                int data = words & 0xff_ffff;
                return 48L + additional + (data + 3 & ~3);
            }

            @Override
            boolean isAnswer(ByteBuffer header) {
                return (header.get(0) & 0x3f) == 0x21;
            }
        };

        private final int headerBytes;

        Wire(int headerBytes) {
            this.headerBytes = headerBytes;
        }

        abstract long length(ByteBuffer header);

        abstract boolean isAnswer(ByteBuffer header);
    }

    private static final int MAX_PDU_BYTES = 16 << 20;

    private final int targetPort;
    private final Wire wire;
    private final ServerSocket listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Semaphore lost = new Semaphore(0);
    private volatile boolean losing;

    CuttableProxy(int targetPort, Wire wire) throws IOException {
        this.targetPort = targetPort;
        this.wire = wire;
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Loses so many answers, then cuts all connections; new ones are good. Fails if no answers come within 30 s. */
    void cut(int answers) throws IOException, InterruptedException {
        lost.drainPermits();
        losing = true;
        try {
            if (!lost.tryAcquire(answers, 30, TimeUnit.SECONDS)) {
                throw new AssertionError("no answers to lose: no load, or none that is answered by PDUs of their own");
            }
            sockets.forEach(CuttableProxy::reset);
        } finally {
            losing = false;
        }
    }

    /** Not an orderly end: what the other side has not yet read is gone too. */
    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It has ended by itself meanwhile.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket host = listening.accept();
                sockets.add(host);
                Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                sockets.add(target);
                host.setTcpNoDelay(true);
                target.setTcpNoDelay(true);
                carry(host, target, this::requests);
                carry(target, host, this::answers);
            } catch (IOException e) {
                if (listening.isClosed()) {
                    return;
                }
            }
        }
    }

    private interface Direction {
        void run(InputStream from, OutputStream to) throws IOException;
    }

    private void carry(Socket from, Socket to, Direction direction) {
        Thread.ofVirtual().name("proxy").start(() -> {
            try (from;
                    to) {
                direction.run(from.getInputStream(), to.getOutputStream());
            } catch (IOException e) {
                // One side has gone, or was cut off: so goes the other.
            } finally {
                sockets.remove(from);
                sockets.remove(to);
            }
        });
    }

    private void requests(InputStream from, OutputStream to) throws IOException {
        from.transferTo(to);
    }

    private void answers(InputStream from, OutputStream to) throws IOException {
        byte[] pdu = new byte[64 << 10];
        int header = wire.headerBytes;
        while (true) {
            if (from.readNBytes(pdu, 0, header) < header) {
                throw new EOFException();
            }
            ByteBuffer fields = ByteBuffer.wrap(pdu);
            long length = wire.length(fields);
            if (length < header || length > MAX_PDU_BYTES) {
                throw new IOException("a PDU of " + length + " bytes");
            }
            boolean answer = wire.isAnswer(fields);
            if (length > pdu.length) {
                pdu = Arrays.copyOf(pdu, (int) length);
            }
            int rest = (int) length - header;
            if (from.readNBytes(pdu, header, rest) < rest) {
                throw new EOFException();
            }
            if (losing && answer) {
                lost.release();
            } else {
                to.write(pdu, 0, (int) length);
            }
        }
    }
}

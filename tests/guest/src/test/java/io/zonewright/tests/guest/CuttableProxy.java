package io.zonewright.tests.guest;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Stands between NVMe/TCP hosts and a target, and fails on demand as a network does: at its worst, when requests have
 * arrived and their answers are lost. Knows of NVMe/TCP only the common header of PDUs (TCP Transport 1.1, section
 * 3.6.1.1), to hold back answers and nothing else.
 */
final class CuttableProxy implements AutoCloseable {
    private static final int HEADER_BYTES = 8;
    private static final int TYPE_RESPONSE_CAPSULE = 5;
    private static final int MAX_PDU_BYTES = 4 << 20;

    private final int targetPort;
    private final ServerSocket listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Semaphore lost = new Semaphore(0);
    private volatile boolean losing;

    CuttableProxy(int targetPort) throws IOException {
        this.targetPort = targetPort;
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
                throw new AssertionError("no answers to lose: no load, or none that is answered by capsules");
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
        ByteBuffer fields = ByteBuffer.wrap(pdu).order(ByteOrder.LITTLE_ENDIAN);
        while (true) {
            if (from.readNBytes(pdu, 0, HEADER_BYTES) < HEADER_BYTES) {
                throw new EOFException();
            }
            int length = fields.getInt(4);
            if (length < HEADER_BYTES || length > MAX_PDU_BYTES) {
                throw new IOException("a PDU of " + length + " bytes");
            }
            if (length > pdu.length) {
                byte[] longer = new byte[length];
                System.arraycopy(pdu, 0, longer, 0, HEADER_BYTES);
                pdu = longer;
                fields = ByteBuffer.wrap(pdu).order(ByteOrder.LITTLE_ENDIAN);
            }
            if (from.readNBytes(pdu, HEADER_BYTES, length - HEADER_BYTES) < length - HEADER_BYTES) {
                throw new EOFException();
            }
            if (losing && pdu[0] == TYPE_RESPONSE_CAPSULE) {
                lost.release();
            } else {
                to.write(pdu, 0, length);
            }
        }
    }
}

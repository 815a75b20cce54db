package io.zonewright.testkit.nvme.tcp;

import io.zonewright.testkit.nvme.ControllerGoneException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A TCP connection that carries PDUs, whole or in any bytes that a test likes. For one thread at a time. */
public final class PduConnection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int LARGEST = 4 << 20;

    private final Socket socket;
    private byte[] buffer = new byte[64 << 10];
    private int have;

    private PduConnection(Socket socket) {
        this.socket = socket;
    }

    /** Connects, and says nothing. */
    public static PduConnection connect(InetSocketAddress address) {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, CONNECT_MILLIS);
        } catch (IOException e) {
            close(socket);
            throw new ControllerGoneException("no connection to " + address + ": " + e.getMessage());
        }
        return new PduConnection(socket);
    }

    /** Sends any bytes. */
    public void send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new ControllerGoneException("the controller hung up: " + e.getMessage());
        }
    }

    public void send(Pdu pdu) {
        send(pdu.bytes());
    }

    /** Says that nothing more will be sent. */
    public void finish() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new ControllerGoneException("the controller hung up: " + e.getMessage());
        }
    }

    /**
     * The next PDU, digests checked; null if it is not there within the time.
     *
     * @throws ControllerGoneException if the controller hung up
     */
    public @Nullable Pdu receive(int timeoutMillis) {
        long end = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (true) {
            Pdu pdu = takeWhole();
            if (pdu != null) {
                return pdu;
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (timeoutMillis == 0 ? !available() : left <= 0) {
                return null;
            }
            fill((int) Math.max(1, left));
        }
    }

    private boolean available() {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException e) {
            throw new ControllerGoneException("the controller hung up: " + e.getMessage());
        }
    }

    private @Nullable Pdu takeWhole() {
        if (have < Pdu.COMMON_BYTES) {
            return null;
        }
        int length = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
        if (length < Pdu.COMMON_BYTES || length > LARGEST) {
            throw new IllegalStateException("the controller sent a PDU of " + Integer.toUnsignedString(length));
        }
        if (length > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(length, 2 * buffer.length));
        }
        if (have < length) {
            return null;
        }
        Pdu pdu = new Pdu(Arrays.copyOf(buffer, length));
        have -= length;
        System.arraycopy(buffer, length, buffer, 0, have);
        pdu.checkDigests();
        return pdu;
    }

    private void fill(int timeoutMillis) {
        try {
            socket.setSoTimeout(timeoutMillis);
            int count = socket.getInputStream().read(buffer, have, buffer.length - have);
            if (count < 0) {
                throw new ControllerGoneException("the controller hung up");
            }
            have += count;
        } catch (SocketTimeoutException e) {
            return; // the caller looks at the clock
        } catch (IOException e) {
            throw new ControllerGoneException("the controller hung up: " + e.getMessage());
        }
    }

    /**
     * Whether the controller hangs up within the time.
     *
     * @return the last C2HTermReq it sent before; an empty PDU of type FFh if it just hung up; null if it did not
     */
    public @Nullable Pdu awaitHangUp(int timeoutMillis) {
        long end = System.nanoTime() + timeoutMillis * 1_000_000L;
        Pdu last = new Pdu(new byte[] {(byte) 0xFF, 0, 8, 0, 8, 0, 0, 0});
        try {
            while (System.nanoTime() < end) {
                Pdu pdu = receive((int) Math.max(1, (end - System.nanoTime()) / 1_000_000));
                if (pdu != null && pdu.type() == Pdu.C2H_TERM_REQ) {
                    last = pdu;
                }
            }
            return null;
        } catch (ControllerGoneException e) {
            return last;
        }
    }

    @Override
    public void close() {
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}

package io.zonewright.testkit.scsi.iscsi;

import io.zonewright.testkit.scsi.TargetGoneException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection that carries PDUs, whole or in any bytes that a test likes. Checks the digests of what it receives. For one
 * thread at a time.
 */
public final class IscsiConnection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_AHEAD = 256 << 10;
    private static final byte[] NONE = {};

    private final Socket socket;
    private byte[] buffer = new byte[READ_AHEAD];
    private int start;
    private int end;
    private boolean headerDigest;
    private boolean dataDigest;

    private IscsiConnection(Socket socket) {
        this.socket = socket;
    }

    /** Connects, and says nothing. */
    public static IscsiConnection connect(InetSocketAddress address) {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, CONNECT_MILLIS);
        } catch (IOException e) {
            close(socket);
            throw new TargetGoneException("no connection to " + address + ": " + e.getMessage());
        }
        return new IscsiConnection(socket);
    }

    /** From now on PDUs carry these digests, both ways. */
    public void digests(boolean header, boolean data) {
        headerDigest = header;
        dataDigest = data;
    }

    public boolean headerDigest() {
        return headerDigest;
    }

    public boolean dataDigest() {
        return dataDigest;
    }

    /** Sends any bytes. */
    public void send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new TargetGoneException("the target hung up: " + e.getMessage());
        }
    }

    /** Sends a PDU with the digests that were agreed on. */
    public void send(IscsiPdu pdu) {
        send(pdu.wire(headerDigest, dataDigest));
    }

    /** Says that nothing more will be sent. */
    public void finish() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new TargetGoneException("the target hung up: " + e.getMessage());
        }
    }

    /**
     * The next PDU; null if it is not there within the time.
     *
     * @param timeoutMillis 0: only what is there already
     * @throws TargetGoneException if the target hung up
     * @throws IllegalStateException if a digest or the padding is wrong
     */
    public @Nullable IscsiPdu receive(int timeoutMillis) {
        IscsiPdu there = takeWhole();
        if (there != null || (timeoutMillis == 0 && !available())) {
            return there;
        }
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000L;
        while (true) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (timeoutMillis > 0 && left <= 0) {
                return null;
            }
            fill((int) Math.max(1, left));
            IscsiPdu pdu = takeWhole();
            if (pdu != null || (timeoutMillis == 0 && !available())) {
                return pdu;
            }
        }
    }

    private boolean available() {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException e) {
            throw new TargetGoneException("the target hung up: " + e.getMessage());
        }
    }

    private @Nullable IscsiPdu takeWhole() {
        int have = end - start;
        if (have < IscsiPdu.HEADER_BYTES) {
            return null;
        }
        int ahsBytes = 4 * (buffer[start + 4] & 0xFF);
        int dataBytes = ByteBuffer.wrap(buffer).getInt(start + 4) & 0xFF_FFFF;
        int padded = IscsiPdu.padded(dataBytes);
        int headers = IscsiPdu.HEADER_BYTES + ahsBytes;
        int dataAt = headers + (headerDigest ? IscsiPdu.DIGEST_BYTES : 0);
        int length = dataAt + padded + (dataDigest && padded > 0 ? IscsiPdu.DIGEST_BYTES : 0);
        if (have < length) {
            makeRoom(length);
            return null;
        }
        if (headerDigest) {
            IscsiPdu.checkCrc(buffer, start, headers, "header");
        }
        if (dataDigest && padded > 0) {
            IscsiPdu.checkCrc(buffer, start + dataAt, padded, "data");
        }
        for (int i = dataBytes; i < padded; i++) {
            if (buffer[start + dataAt + i] != 0) {
                throw new IllegalStateException("padding of the data segment is not zero");
            }
        }
        IscsiPdu pdu = IscsiPdu.received(
                copy(start, IscsiPdu.HEADER_BYTES),
                copy(start + IscsiPdu.HEADER_BYTES, ahsBytes),
                copy(start + dataAt, dataBytes));
        start += length;
        return pdu;
    }

    private byte[] copy(int from, int length) {
        return length == 0 ? NONE : Arrays.copyOfRange(buffer, from, from + length);
    }

    private void makeRoom(int length) {
        if (start + length <= buffer.length) {
            return;
        }
        byte[] target = length <= buffer.length ? buffer : new byte[length + READ_AHEAD];
        System.arraycopy(buffer, start, target, 0, end - start);
        buffer = target;
        end -= start;
        start = 0;
    }

    private void fill(int timeoutMillis) {
        if (start == end) {
            start = 0;
            end = 0;
        }
        makeRoom(end - start + IscsiPdu.HEADER_BYTES);
        try {
            socket.setSoTimeout(timeoutMillis);
            int count = socket.getInputStream().read(buffer, end, buffer.length - end);
            if (count < 0) {
                throw new TargetGoneException("the target hung up");
            }
            end += count;
        } catch (SocketTimeoutException e) {
            return; // the caller looks at the clock
        } catch (IOException e) {
            throw new TargetGoneException("the target hung up: " + e.getMessage());
        }
    }

    /**
     * Whether the target hangs up within the time; what it sends before is thrown away.
     *
     * @return the last PDU before that; an empty Reject if there was none; null if it did not hang up
     */
    public @Nullable IscsiPdu awaitHangUp(int timeoutMillis) {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000L;
        IscsiPdu last = IscsiPdu.of(IscsiPdu.REJECT);
        try {
            while (System.nanoTime() < deadline) {
                IscsiPdu pdu = receive((int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
                last = pdu == null ? last : pdu;
            }
            return null;
        } catch (TargetGoneException e) {
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

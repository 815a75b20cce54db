package io.zonewright.daemon.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Lines of text over a socket, of bounded length. For one thread. */
final class Lines {
    private final SocketChannel channel;
    private final int limit;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16).flip();

    Lines(SocketChannel channel, int limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /** The next line without its end; empty at the end of the connection. */
    Optional<String> read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (in.hasRemaining()) {
                byte next = in.get();
                if (next == '\n') {
                    return Optional.of(line.toString(StandardCharsets.UTF_8));
                }
                if (line.size() == limit) {
                    throw new LineTooLongException(limit);
                }
                line.write(next);
            }
            in.clear();
            int n = channel.read(in);
            in.flip();
            if (n < 0) {
                return Optional.empty();
            }
        }
    }

    void write(String line) throws IOException {
        ByteBuffer out = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    /** The peer sent more than it may. */
    static final class LineTooLongException extends IOException {
        private static final long serialVersionUID = 1;

        LineTooLongException(int limit) {
            super("a line of more than " + limit + " bytes");
        }
    }
}

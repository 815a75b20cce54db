package com.example.zonewright;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import io.zonewright.api.request.DeviceRequest;
import io.zonewright.api.request.Operation;
import io.zonewright.api.spi.AttachHint;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneGeometry;
import io.zonewright.api.zone.ZoneLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.pf4j.Extension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A protocol of lines, one client at a time. */
@Extension
public final class ExampleLineFrontend implements FrontendExtension {
    private static final Logger LOG = LoggerFactory.getLogger(ExampleLineFrontend.class);
    private static final int MAX_LENGTH = 4096;

    @Override
    public String type() {
        return "example-line";
    }

    @Override
    public String transport() {
        return "unix";
    }

    @Override
    public String summary() {
        return "One request a line, over a Unix socket.";
    }

    @Override
    public List<Key> keys() {
        return List.of(Key.of("socket", Key.Kind.PATH, "Where to listen.", "/run/example.sock")
                .mandatory());
    }

    @Override
    public FrontendPlan plan(
            Settings settings, DeviceIdentity device, Optional<ZoneGeometry> geometry, Optional<ZoneLimits> limits) {
        Path socket = settings.path("socket");
        return new FrontendPlan() {
            @Override
            public List<AttachHint> attach() {
                return List.of(AttachHint.of("netcat", List.of("nc -U " + socket), Map.of("socket", socket.toString())));
            }

            @Override
            public String endpoint() {
                return "unix:" + socket;
            }

            @Override
            public Frontend open(ZonedDevice zoned) {
                return new Endpoint(socket, zoned);
            }
        };
    }

    private static final class Endpoint implements Frontend {
        private final Path socket;
        private final ZonedDevice device;
        private final AtomicLong requests = new AtomicLong();
        private volatile ServerSocketChannel listener;
        private volatile SocketChannel client;

        Endpoint(Path socket, ZonedDevice device) {
            this.socket = socket;
            this.device = device;
        }

        @Override
        public void start() throws IOException {
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixDomainSocketAddress.of(socket));
            listener = channel;
            Thread.ofVirtual().start(this::listen);
        }

        private void listen() {
            ServerSocketChannel channel = listener;
            while (channel.isOpen()) {
                try (SocketChannel next = channel.accept()) {
                    client = next;
                    serve(next);
                } catch (IOException e) {
                    LOG.debug("client gone", e);
                }
            }
        }

        private void serve(SocketChannel channel) throws IOException {
            BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.US_ASCII));
            Writer out = Channels.newWriter(channel, StandardCharsets.US_ASCII);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.write(answer(line) + "\n");
                out.flush();
            }
        }

        private String answer(String line) {
            requests.incrementAndGet();
            String[] words = line.split(" ", 3);
            try {
                long offset = Long.parseLong(words[1]);
                return switch (words[0]) {
                    case "write" -> run(Operation.WRITE, offset, words[2].getBytes(StandardCharsets.US_ASCII), 512);
                    case "read" -> run(Operation.READ, offset, new byte[0], Integer.parseInt(words[2]));
                    case "reset" -> run(Operation.ZONE_RESET, offset, new byte[0], 0);
                    default -> "what?";
                };
            } catch (RuntimeException | InterruptedException e) {
                return "what? " + e;
            }
        }

        private String run(Operation operation, long offset, byte[] text, int length) throws InterruptedException {
            byte[] payload = new byte[Math.min(MAX_LENGTH, length)];
            System.arraycopy(text, 0, payload, 0, Math.min(text.length, payload.length));
            Request request = new Request();
            request.prepare(operation, offset, payload.length);
            request.data().add(MemorySegment.ofArray(payload), 0, payload.length);
            device.submit(request);
            request.done.await();
            String read = operation == Operation.READ ? " " + new String(payload, StandardCharsets.US_ASCII).trim() : "";
            return request.cause() + read;
        }

        @Override
        public void stop(Duration patience) {
            try {
                if (listener != null) {
                    listener.close();
                    Files.deleteIfExists(socket);
                }
                if (client != null) {
                    client.close();
                }
            } catch (IOException e) {
                LOG.warn("cannot close {}", socket, e);
            }
        }

        @Override
        public SequencedMap<String, Object> stats() {
            SequencedMap<String, Object> stats = new LinkedHashMap<>();
            stats.put("requests", requests.get());
            return stats;
        }
    }

    private static final class Request extends DeviceRequest {
        private final CountDownLatch done = new CountDownLatch(1);

        @Override
        protected void onComplete() {
            done.countDown();
        }
    }
}

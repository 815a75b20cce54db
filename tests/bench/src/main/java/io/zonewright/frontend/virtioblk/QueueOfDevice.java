package io.zonewright.frontend.virtioblk;

import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.runtime.PollLoop;
import io.zonewright.virtio.QueueContext;
import io.zonewright.virtio.QueueHandler;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.NullMarked;

/**
 * The front-end's own queue handler without its socket, for benchmarks. In the front-end's package, since the handler is
 * nobody else's business (docs/decisions/0070).
 */
@NullMarked // the package is; this is another jar's part of it
public final class QueueOfDevice {
    private QueueOfDevice() {}

    /** What serves queue 0 of a virtio-blk device over {@code device}, on a loop that the calling thread turns. */
    public static QueueHandler open(ZonedDevice device, int queueSize) {
        PollLoop loop = PollLoop.byHand("bench");
        byte[] id = device.identity().serial().getBytes(StandardCharsets.US_ASCII);
        return new VirtioBlkDevice(device, 1, queueSize, true, id)
                .newQueue(new QueueContext(0, loop, new CompletionMailbox(loop::wake)));
    }
}

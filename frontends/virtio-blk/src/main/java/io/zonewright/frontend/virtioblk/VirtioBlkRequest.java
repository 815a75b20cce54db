package io.zonewright.frontend.virtioblk;

import io.zonewright.frontend.virtioblk.command.BlkRequest;
import io.zonewright.virtio.queue.DescriptorChain;

/** A request that came as a descriptor chain; belongs to one queue for ever. */
final class VirtioBlkRequest extends BlkRequest {
    private final VirtioBlkQueue queue;
    private final DescriptorChain chain;

    VirtioBlkRequest(VirtioBlkQueue queue) {
        this(queue, new DescriptorChain());
    }

    private VirtioBlkRequest(VirtioBlkQueue queue, DescriptorChain chain) {
        super(chain.readable(), chain.writable());
        this.queue = queue;
        this.chain = chain;
    }

    DescriptorChain chain() {
        return chain;
    }

    @Override
    protected void ended() {
        queue.ended(this);
    }
}

package io.zonewright.virtio;

import io.zonewright.runtime.CompletionMailbox;
import io.zonewright.runtime.PollLoop;

/**
 * Where a queue of a device lives, for as long as the endpoint does.
 *
 * @param index of the queue, from 0
 * @param loop the thread that calls the queue's handler
 * @param completions for requests that complete on other threads: post there, take them out in
 *     {@link QueueHandler#process}; posting wakes the loop
 */
public record QueueContext(int index, PollLoop loop, CompletionMailbox completions) {}

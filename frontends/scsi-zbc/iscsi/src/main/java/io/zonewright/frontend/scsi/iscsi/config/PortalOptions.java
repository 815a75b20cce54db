package io.zonewright.frontend.scsi.iscsi.config;

import io.zonewright.net.ConnectionLimits;
import io.zonewright.net.NetAddress;
import java.time.Duration;

/**
 * What belongs to a listening address, and not to one of the targets behind it. Entries that name the same address must
 * agree on it.
 *
 * @param threads that serve connections
 * @param spin longest time that an idle thread polls
 */
public record PortalOptions(NetAddress listen, int threads, Duration spin, ConnectionLimits limits) {}

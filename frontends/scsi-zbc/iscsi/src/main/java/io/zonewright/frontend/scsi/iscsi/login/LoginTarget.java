package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.net.NetAddress;

/**
 * A target as logins see it.
 *
 * @param name in its normal form
 * @param alias TargetAlias, for people; empty for none
 * @param advertised where SendTargets says it is; wildcard and port 0 stand for where the initiator reached us
 * @param digests whether digests are used
 */
public record LoginTarget(
        String name, String alias, InitiatorAccess access, NetAddress advertised, DigestPolicy digests) {}

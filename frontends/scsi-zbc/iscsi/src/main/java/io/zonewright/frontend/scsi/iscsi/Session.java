package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.iscsi.login.SessionClaim;
import io.zonewright.frontend.scsi.iscsi.login.SessionParameters;
import org.jspecify.annotations.Nullable;

/**
 * A session, which is one connection (MaxConnections is 1).
 *
 * @param target null in a discovery session
 * @param nexus likewise
 * @param parameters what was negotiated
 */
record Session(
        SessionClaim claim,
        int tsih,
        @Nullable IscsiTarget target,
        @Nullable Nexus nexus,
        SessionParameters parameters,
        IscsiConnection connection) {
    /** The initiator's tasks end; the connection closes soon. From any thread. */
    void end() {
        Nexus path = nexus;
        if (path != null) {
            path.close();
        }
        connection.closeSoon();
    }
}

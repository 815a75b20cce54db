package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.Nexus;
import io.zonewright.frontend.scsi.iscsi.login.SessionClaim;
import io.zonewright.frontend.scsi.iscsi.login.SessionParameters;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A session, which is one connection (MaxConnections is 1).
 *
 * @param target null in a discovery session
 * @param nexus likewise
 * @param parameters what was negotiated
 * @param ready done once nothing is being carried out any more that came over a connection whose place this one takes
 */
record Session(
        SessionClaim claim,
        int tsih,
        @Nullable IscsiTarget target,
        @Nullable Nexus nexus,
        SessionParameters parameters,
        CompletableFuture<@Nullable Void> ready,
        IscsiConnection connection) {
    /** Done once nothing of this session is being carried out, nor of one that had its place before. From any thread. */
    CompletableFuture<@Nullable Void> atRest() {
        return ready.thenCombine(connection.atRest(), (before, own) -> null);
    }

    /** The initiator's tasks end; the connection closes soon. From any thread. */
    void end() {
        Nexus path = nexus;
        if (path != null) {
            path.close();
        }
        connection.closeSoon();
    }
}

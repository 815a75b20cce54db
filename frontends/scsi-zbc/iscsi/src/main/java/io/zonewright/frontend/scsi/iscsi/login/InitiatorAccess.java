package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.frontend.scsi.iscsi.chap.ChapUsers;
import java.util.Set;

/**
 * Which initiators may use a target, and what they have to prove.
 *
 * @param initiators names in their normal form; empty: any
 * @param users who may prove themselves by CHAP; none: nobody has to
 */
public record InitiatorAccess(Set<String> initiators, ChapUsers users) {
    /** Everybody. */
    public static final InitiatorAccess ANY = new InitiatorAccess(Set.of(), ChapUsers.NONE);

    public InitiatorAccess {
        initiators = Set.copyOf(initiators);
    }

    /** Whether anybody is kept out. */
    public boolean controlled() {
        return !initiators.isEmpty() || authenticates();
    }

    /** Whether initiators have to prove who they are. */
    public boolean authenticates() {
        return !users.isEmpty();
    }

    /** Whether an initiator of this name may come as far as authentication, and see the target. */
    public boolean admits(String initiatorName) {
        return initiators.isEmpty() || initiators.contains(initiatorName);
    }
}

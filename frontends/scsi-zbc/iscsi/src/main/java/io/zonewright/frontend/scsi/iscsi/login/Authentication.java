package io.zonewright.frontend.scsi.iscsi.login;

import io.zonewright.frontend.scsi.iscsi.chap.ChapExchange;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUser;
import io.zonewright.frontend.scsi.iscsi.chap.ChapUsers;
import io.zonewright.frontend.scsi.iscsi.text.TextWriter;
import io.zonewright.frontend.scsi.iscsi.text.Values;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * SecurityNegotiation (RFC 7143, sections 6.3.2 and 12.1): AuthMethod None where nothing has to be proved, CHAP where there
 * are users. For one thread.
 */
final class Authentication {
    private static final String CHAP = "CHAP";

    private final SecureRandom random;
    private final String initiatorName;
    private final String ownName;
    private final List<ChapUsers> users;
    private final boolean required;
    private boolean methodChosen;
    private @Nullable ChapExchange chap;

    /**
     * Nothing proved yet.
     *
     * @param ownName CHAP_N of our own proof
     * @param users who can prove themselves
     * @param required whether None will not do
     */
    Authentication(SecureRandom random, String initiatorName, String ownName, List<ChapUsers> users, boolean required) {
        this.random = random;
        this.initiatorName = initiatorName;
        this.ownName = ownName;
        this.users = users.stream().filter(some -> !some.isEmpty()).toList();
        this.required = required;
    }

    /** Takes the security keys of a request, which may be none. */
    void step(Map<String, String> keys, TextWriter answer) throws LoginRefusedException {
        String methods = keys.get(LoginKey.AUTH_METHOD.text());
        if (methods != null) {
            if (methodChosen || keys.size() > 1) {
                throw new LoginRefusedException(LoginStatus.AUTHENTICATION_FAILURE);
            }
            choose(methods, answer);
        } else if (!keys.isEmpty()) {
            if (chap == null) {
                throw new LoginRefusedException(LoginStatus.AUTHENTICATION_FAILURE);
            }
            chap.step(keys, answer);
            check(chap);
        }
    }

    /** The first of the initiator's list that will do. */
    private void choose(String methods, TextWriter answer) throws LoginRefusedException {
        for (String method : Values.list(methods)) {
            boolean chosen = method.equals(CHAP) ? !users.isEmpty() : method.equals(Values.NONE) && !required;
            if (chosen) {
                methodChosen = true;
                chap = method.equals(CHAP) ? new ChapExchange(random, users, ownName) : null;
                answer.put(LoginKey.AUTH_METHOD.text(), method);
                return;
            }
        }
        throw new LoginRefusedException(LoginStatus.AUTHENTICATION_FAILURE);
    }

    /** A user that is named like an initiator is that initiator and no other. */
    private void check(ChapExchange exchange) throws LoginRefusedException {
        if (exchange.state() == ChapExchange.State.FAILED) {
            throw new LoginRefusedException(LoginStatus.AUTHENTICATION_FAILURE);
        }
        ChapUser user = exchange.user();
        String bound = user == null ? null : IscsiName.lenient(user.name());
        if (bound != null && !bound.equals(initiatorName)) {
            throw new LoginRefusedException(LoginStatus.AUTHORIZATION_FAILURE);
        }
    }

    /**
     * Whether the stage may be left.
     *
     * @throws LoginRefusedException if the initiator wants to leave it, or never entered it, and has offered no proof though
     *     it has to
     */
    boolean done() throws LoginRefusedException {
        if (chap != null) {
            return chap.state() == ChapExchange.State.PASSED;
        }
        if (required) {
            throw new LoginRefusedException(LoginStatus.AUTHENTICATION_FAILURE);
        }
        return true;
    }
}

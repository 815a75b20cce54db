package io.zonewright.frontend.scsi.iscsi;

import io.zonewright.frontend.scsi.command.ScsiTarget;
import io.zonewright.frontend.scsi.command.TargetPort;
import io.zonewright.frontend.scsi.iscsi.login.LoginTarget;
import io.zonewright.runtime.Counters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** A target at a portal, with the logical units of all devices that name it. */
final class IscsiTarget {
    private final LoginTarget login;
    private final ScsiTarget core;
    private final int queueDepth;
    private final List<Counters<IscsiCounter>> counters = new ArrayList<>();

    /**
     * Without logical units.
     *
     * @param queueDepth commands that one session may have under way
     * @param loops how many loops there are, each with counters of its own
     */
    IscsiTarget(LoginTarget login, int queueDepth, int loops) {
        this.login = login;
        this.queueDepth = queueDepth;
        core = new ScsiTarget(TargetPort.iscsi(login.name(), Portal.GROUP));
        for (int i = 0; i < loops; i++) {
            counters.add(new Counters<>(IscsiCounter.class));
        }
    }

    LoginTarget login() {
        return login;
    }

    ScsiTarget core() {
        return core;
    }

    int queueDepth() {
        return queueDepth;
    }

    /** Counters of connections on this loop. */
    Counters<IscsiCounter> counters(int loop) {
        return counters.get(loop);
    }

    /** Counters of all loops together. */
    SequencedMap<String, Long> sums() {
        SequencedMap<String, Long> sums = new LinkedHashMap<>();
        counters.forEach(each -> each.addTo(sums));
        return sums;
    }
}

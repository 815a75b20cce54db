package io.zonewright.frontend.scsi.iscsi.config;

import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.iscsi.login.LoginTarget;

/**
 * One entry of {@code frontends:}, checked.
 *
 * @param portal where to listen
 * @param target what belongs to the target; entries that name the same one must agree on it
 * @param lun number of the logical unit
 * @param queueDepth commands that one session may have under way
 * @param unit options of the logical unit
 */
public record IscsiSettings(
        PortalOptions portal, LoginTarget target, int lun, int queueDepth, LogicalUnitOptions unit) {}

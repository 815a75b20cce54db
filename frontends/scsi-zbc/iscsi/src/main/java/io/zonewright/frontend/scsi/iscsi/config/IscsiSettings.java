package io.zonewright.frontend.scsi.iscsi.config;

import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.frontend.scsi.command.LogicalUnitOptions;
import io.zonewright.frontend.scsi.iscsi.login.DigestPolicy;
import io.zonewright.frontend.scsi.iscsi.login.InitiatorAccess;
import io.zonewright.frontend.scsi.iscsi.login.IscsiName;
import io.zonewright.frontend.scsi.iscsi.login.LoginTarget;
import io.zonewright.net.ConnectionLimits;
import io.zonewright.net.Exposure;
import io.zonewright.net.NetAddress;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

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
        PortalOptions portal, LoginTarget target, int lun, int queueDepth, LogicalUnitOptions unit) {
    private static final String IQN_PREFIX = "iqn.2026-11.io.zonewright:";
    private static final int MAX_ALIAS = 255;
    private static final int MIN_TRANSFER = 1 << 16;
    /** A command's data is in memory at once, which a loop has to have beside that of others. */
    private static final int MAX_TRANSFER = 32 << 20;

    private static final Duration MAX_SPIN = Duration.ofMillis(10);
    private static final NetAddress HERE = new NetAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
    private static final NetAddress DEFAULT_LISTEN = new NetAddress(InetAddress.ofLiteral("127.0.0.1"), 3260);

    /** Reads the settings; everything that is wrong is reported, and replaced by something harmless. */
    public static IscsiSettings read(Settings settings, DeviceIdentity device) {
        NetAddress listen = address(settings, IscsiKeys.LISTEN, DEFAULT_LISTEN);
        InitiatorAccess access =
                new InitiatorAccess(initiators(settings), ChapSettings.read(settings.section(IscsiKeys.CHAP)));
        Exposure.check(
                settings,
                IscsiKeys.LISTEN,
                listen,
                access.controlled(),
                IscsiKeys.INITIATORS + " or " + IscsiKeys.CHAP,
                settings.flag(IscsiKeys.INSECURE));
        ConnectionLimits limits = new ConnectionLimits(
                number(settings, IscsiKeys.MAX_CONNECTIONS, 1, IscsiKeys.MAX_MAX_CONNECTIONS),
                number(settings, IscsiKeys.MAX_CONNECTIONS_PER_HOST, 1, IscsiKeys.MAX_MAX_CONNECTIONS));
        PortalOptions portal = new PortalOptions(
                listen, number(settings, IscsiKeys.THREADS, 1, IscsiKeys.MAX_THREADS), spin(settings), limits);
        LoginTarget target = new LoginTarget(
                iqn(settings, device),
                alias(settings),
                access,
                settings.isSet(IscsiKeys.ADVERTISE) ? address(settings, IscsiKeys.ADVERTISE, HERE) : HERE,
                DigestPolicy.valueOf(settings.text(IscsiKeys.DIGESTS).toUpperCase(Locale.ROOT)));
        return new IscsiSettings(
                portal,
                target,
                number(settings, IscsiKeys.LUN, 0, IscsiKeys.MAX_LUN),
                number(settings, IscsiKeys.QUEUE_DEPTH, 1, IscsiKeys.MAX_QUEUE_DEPTH),
                unit(settings));
    }

    private static NetAddress address(Settings settings, String key, NetAddress harmless) {
        try {
            return NetAddress.parse(settings.text(key));
        } catch (IllegalArgumentException e) {
            settings.problem(key, String.valueOf(e.getMessage()), "such as " + DEFAULT_LISTEN);
            return harmless;
        }
    }

    /** A device's name may have characters that an iSCSI name has not. */
    private static String iqn(Settings settings, DeviceIdentity device) {
        String derived = IQN_PREFIX + device.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-");
        if (!settings.isSet(IscsiKeys.IQN)) {
            return derived;
        }
        String told = settings.text(IscsiKeys.IQN);
        String name = IscsiName.strict(told);
        if (name == null) {
            settings.problem(
                    IscsiKeys.IQN,
                    "\"" + told
                            + "\" is not an iSCSI name: iqn.YEAR-MONTH.DOMAIN:ANYTHING of letters, digits and . - :,"
                            + " or eui. and 16 hexadecimal digits, or naa. and 16 or 32, at most 223 bytes",
                    "such as " + derived);
            return derived;
        }
        return name;
    }

    private static String alias(Settings settings) {
        String alias = settings.isSet(IscsiKeys.ALIAS) ? settings.text(IscsiKeys.ALIAS) : "";
        byte[] bytes = alias.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_ALIAS || alias.codePoints().anyMatch(c -> c < ' ' || c == 0x7F)) {
            settings.problem(
                    IscsiKeys.ALIAS,
                    "an alias has at most " + MAX_ALIAS + " bytes and no control characters",
                    "a shorter name of one line");
            return "";
        }
        return alias;
    }

    private static Set<String> initiators(Settings settings) {
        Set<String> names = new LinkedHashSet<>();
        for (String told : settings.texts(IscsiKeys.INITIATORS)) {
            String name = IscsiName.lenient(told);
            if (name == null) {
                settings.problem(
                        IscsiKeys.INITIATORS,
                        "\"" + told + "\" is not an initiator's name",
                        "what stands in the initiator's /etc/iscsi/initiatorname.iscsi, such as"
                                + " iqn.1993-08.org.debian:01:4f2c9d0a1b");
            } else {
                names.add(name);
            }
        }
        return names;
    }

    private static LogicalUnitOptions unit(Settings settings) {
        LogicalUnitOptions base = LogicalUnitOptions.DEFAULT;
        long most = settings.size(IscsiKeys.MAX_TRANSFER);
        if (most < MIN_TRANSFER || most > MAX_TRANSFER) {
            settings.problem(
                    IscsiKeys.MAX_TRANSFER,
                    most + " bytes are not from 64KiB to 32MiB",
                    "the nearest is " + (most < MIN_TRANSFER ? "64KiB" : "32MiB"));
            most = base.maxTransferBytes();
        }
        return new LogicalUnitOptions(
                base.vendor(), base.product(), base.revision(), settings.flag(IscsiKeys.URSWRZ), most);
    }

    private static int number(Settings settings, String key, int least, int most) {
        long value = settings.count(key);
        if (value < least || value > most) {
            long nearest = Math.clamp(value, least, most);
            settings.problem(key, value + " is not from " + least + " to " + most, "the nearest is " + nearest);
            return (int) nearest;
        }
        return (int) value;
    }

    private static Duration spin(Settings settings) {
        Duration spin = settings.duration(IscsiKeys.SPIN);
        if (spin.compareTo(MAX_SPIN) > 0) {
            settings.problem(IscsiKeys.SPIN, "polling for longer than 10ms only burns processor time", "10ms or less");
            return MAX_SPIN;
        }
        return spin;
    }
}

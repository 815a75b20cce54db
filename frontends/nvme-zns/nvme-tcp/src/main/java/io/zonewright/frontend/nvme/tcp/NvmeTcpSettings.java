package io.zonewright.frontend.nvme.tcp;

import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.frontend.nvme.tcp.auth.DhchapSecret;
import io.zonewright.frontend.nvme.tcp.auth.HostSecrets;
import io.zonewright.net.ConnectionLimits;
import io.zonewright.net.Exposure;
import io.zonewright.net.NetAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code frontends:}, checked.
 *
 * @param advertised what the discovery service tells; wildcard and port 0 where the host reached it
 */
record NvmeTcpSettings(
        PortalOptions portal, String nqn, NetAddress advertised, HostAccess access, int queues, int queueSize) {
    private static final String NQN_PREFIX = "nqn.2026-11.io.zonewright:";
    private static final int MAX_NQN_BYTES = 223;
    private static final Duration MAX_SPIN = Duration.ofMillis(10);
    private static final NetAddress HERE = new NetAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
    private static final NetAddress DEFAULT_LISTEN = new NetAddress(InetAddress.ofLiteral("127.0.0.1"), 4420);

    /** Reads the settings; everything that is wrong is reported, and replaced by something harmless. */
    static NvmeTcpSettings read(Settings settings, DeviceIdentity device) {
        NetAddress listen = address(settings, NvmeTcpKeys.LISTEN, DEFAULT_LISTEN);
        HostAccess access = access(settings);
        Exposure.check(
                settings,
                NvmeTcpKeys.LISTEN,
                listen,
                access.controlled(),
                NvmeTcpKeys.HOSTS + " or " + NvmeTcpKeys.DHCHAP,
                settings.flag(NvmeTcpKeys.INSECURE));
        ConnectionLimits limits = new ConnectionLimits(
                number(settings, NvmeTcpKeys.MAX_CONNECTIONS, 1, NvmeTcpKeys.MAX_MAX_CONNECTIONS),
                number(settings, NvmeTcpKeys.MAX_CONNECTIONS_PER_HOST, 1, NvmeTcpKeys.MAX_MAX_CONNECTIONS));
        PortalOptions portal = new PortalOptions(
                listen,
                number(settings, NvmeTcpKeys.THREADS, 1, NvmeTcpKeys.MAX_THREADS),
                spin(settings),
                limits,
                settings.text(NvmeTcpKeys.DIGESTS).equals("off") ? DigestPolicy.OFF : DigestPolicy.ALLOW);
        return new NvmeTcpSettings(
                portal,
                nqn(settings, device),
                settings.isSet(NvmeTcpKeys.ADVERTISE) ? address(settings, NvmeTcpKeys.ADVERTISE, HERE) : HERE,
                access,
                number(settings, NvmeTcpKeys.QUEUES, 1, NvmeTcpKeys.MAX_QUEUES),
                number(settings, NvmeTcpKeys.QUEUE_SIZE, NvmeTcpKeys.MIN_QUEUE_SIZE, NvmeTcpKeys.MAX_QUEUE_SIZE));
    }

    private static NetAddress address(Settings settings, String key, NetAddress harmless) {
        try {
            return NetAddress.parse(settings.text(key));
        } catch (IllegalArgumentException e) {
            settings.problem(key, String.valueOf(e.getMessage()), "such as " + DEFAULT_LISTEN);
            return harmless;
        }
    }

    private static String nqn(Settings settings, DeviceIdentity device) {
        String derived = NQN_PREFIX + device.name();
        String nqn = settings.isSet(NvmeTcpKeys.NQN) ? settings.text(NvmeTcpKeys.NQN) : derived;
        if (!good(nqn) || nqn.equals(DiscoverySubsystem.NQN)) {
            settings.problem(NvmeTcpKeys.NQN, "\"" + nqn + "\" is not a name for a subsystem", "such as " + derived);
            return derived;
        }
        return nqn;
    }

    /** {@code nqn.yyyy-mm.reverse-domain}, with anything printable behind (Base 2.1, section 4.7). */
    private static boolean good(String nqn) {
        return nqn.matches("nqn\\.\\d{4}-\\d{2}\\.[\\x21-\\x7E]+")
                && nqn.getBytes(StandardCharsets.UTF_8).length <= MAX_NQN_BYTES;
    }

    private static HostAccess access(Settings settings) {
        Set<String> hosts = new LinkedHashSet<>();
        for (String host : settings.texts(NvmeTcpKeys.HOSTS)) {
            if (good(host)) {
                hosts.add(host);
            } else {
                settings.problem(
                        NvmeTcpKeys.HOSTS,
                        "\"" + host + "\" is not a host's NQN",
                        "what stands in the host's /etc/nvme/hostnqn");
            }
        }
        Settings dhchap = settings.section(NvmeTcpKeys.DHCHAP);
        Map<String, HostSecrets> secrets = Map.of();
        if (dhchap.isSet(NvmeTcpKeys.DHCHAP_FILE)) {
            try {
                secrets = HostSecretsFile.read(dhchap.path(NvmeTcpKeys.DHCHAP_FILE));
            } catch (IOException e) {
                dhchap.problem(
                        NvmeTcpKeys.DHCHAP_FILE,
                        "the secrets cannot be read: " + e.getMessage(),
                        "a file of lines NQN SECRET [CONTROLLER-SECRET] that only its owner can read");
            }
        }
        return new HostAccess(hosts, secrets, common(dhchap));
    }

    private static @Nullable HostSecrets common(Settings dhchap) {
        DhchapSecret host = secret(dhchap, NvmeTcpKeys.DHCHAP_SECRET);
        DhchapSecret controller = secret(dhchap, NvmeTcpKeys.DHCHAP_CONTROLLER_SECRET);
        if (host == null && controller != null) {
            dhchap.problem(
                    NvmeTcpKeys.DHCHAP_CONTROLLER_SECRET,
                    "a controller that proves itself to a host that does not is not possible",
                    "a secret too");
        }
        return host == null ? null : new HostSecrets(host, controller);
    }

    private static @Nullable DhchapSecret secret(Settings dhchap, String key) {
        if (!dhchap.isSet(key)) {
            return null;
        }
        try {
            return DhchapSecret.parse(dhchap.text(key));
        } catch (IllegalArgumentException e) {
            dhchap.problem(key, String.valueOf(e.getMessage()), "what nvme gen-dhchap-key prints");
            return null;
        }
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
        Duration spin = settings.duration(NvmeTcpKeys.SPIN);
        if (spin.compareTo(MAX_SPIN) > 0) {
            settings.problem(
                    NvmeTcpKeys.SPIN, "polling for longer than 10ms only burns processor time", "10ms or less");
            return MAX_SPIN;
        }
        return spin;
    }
}

package io.zonewright.net;

import io.zonewright.api.config.Settings;

/**
 * The rule that every TCP carrier follows: an address that other machines reach needs access control, or the user's
 * word that none is wanted.
 */
public final class Exposure {
    private Exposure() {}

    /**
     * Reports a problem if {@code address} is not loopback and nothing limits who may connect.
     *
     * @param listenKey key of the address
     * @param controlled whether some access control is configured
     * @param controlKey what to configure, for the message
     * @param insecure whether the user accepts that everybody may connect
     */
    public static void check(
            Settings settings,
            String listenKey,
            NetAddress address,
            boolean controlled,
            String controlKey,
            boolean insecure) {
        if (!address.loopback() && !controlled && !insecure) {
            settings.problem(
                    listenKey,
                    address + " can be reached from other machines, and anybody there could read and write the device",
                    "127.0.0.1:" + address.port() + ", or " + controlKey
                            + " to say who may connect, or insecure: true if everybody may");
        }
    }
}

package io.zonewright.backend.linuxzbd;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Settings;
import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.BackendPlan;
import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.backend.linuxzbd.open.Host;
import java.util.List;
import java.util.function.Supplier;
import org.pf4j.Extension;

/** The back-end {@code type: linux-zbd}. */
@Extension
public final class LinuxZbdExtension implements BackendExtension {
    private final Supplier<Host> host;

    /** For devices of the machine that runs this program. */
    public LinuxZbdExtension() {
        this(Host::running);
    }

    /**
     * For tests.
     *
     * @param host the machine, asked for whenever a device is looked at or opened
     */
    public LinuxZbdExtension(Supplier<Host> host) {
        this.host = host;
    }

    @Override
    public String type() {
        return "linux-zbd";
    }

    @Override
    public String summary() {
        return "A zoned block device of this Linux host, or an ordinary one, or a file.";
    }

    @Override
    public List<Key> keys() {
        return LinuxZbdKeys.ALL;
    }

    @Override
    public BackendPlan plan(Settings settings, DeviceIdentity device) {
        return new LinuxZbdPlan(SettingsReader.read(settings, device.name()), host);
    }
}

package io.zonewright.daemon.cli;

import io.zonewright.api.spi.ApiVersion;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
    /** The program's version; from the jar's manifest, so a build from classes has none. */
    static String program() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "zonewright " + program(),
            "plugin API " + ApiVersion.CURRENT,
            "Java " + Runtime.version() + " (" + System.getProperty("java.vm.vendor") + ")"
        };
    }
}

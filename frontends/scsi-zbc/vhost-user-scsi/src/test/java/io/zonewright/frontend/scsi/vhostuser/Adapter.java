package io.zonewright.frontend.scsi.vhostuser;

import io.zonewright.api.spi.DeviceIdentity;
import io.zonewright.api.spi.Frontend;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.api.spi.FrontendPlan;
import io.zonewright.api.spi.ZonedDevice;
import io.zonewright.api.zone.ZoneRules;
import io.zonewright.engine.EngineDevice;
import io.zonewright.posix.Posix;
import io.zonewright.testkit.backend.MemoryBackend;
import io.zonewright.testkit.backend.ScriptedBackend;
import io.zonewright.testkit.backend.Shape;
import io.zonewright.testkit.config.TestSettings;
import io.zonewright.testkit.scsi.ScsiRequest;
import io.zonewright.testkit.scsi.virtio.ChainQueue;
import io.zonewright.testkit.scsi.virtio.VirtioScsi;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An adapter over disks of sixteen zones of 64 KiB, whose media hold what they are told to hold. */
final class Adapter implements AutoCloseable {
    static final int ZONE_BLOCKS = 128;
    static final HexFormat HEX = HexFormat.of();
    static final int RESPONSE = VirtioScsi.RESPONSE_BYTES + VirtioScsi.SENSE_BYTES;

    final Path socket;
    final List<ScriptedBackend> media = new ArrayList<>();
    final List<EngineDevice> devices = new ArrayList<>();
    private final List<Frontend> frontends = new ArrayList<>();
    private final Map<String, String> settings;
    private final FrontendExtension extension;

    /** Disks with LUN 0, 1 ... behind one socket, opened together and started together. */
    Adapter(Path directory, int luns, Map<String, String> settings) throws IOException {
        this(directory, luns, settings, new ScsiVhostUser());
    }

    /** The same over any carrier. */
    Adapter(Path directory, int luns, Map<String, String> settings, FrontendExtension extension) throws IOException {
        this.settings = settings;
        this.extension = extension;
        socket = directory.resolve("s");
        List<Frontend> opened = new ArrayList<>();
        for (int lun = 0; lun < luns; lun++) {
            opened.add(open(lun, newDevice()));
        }
        for (Frontend frontend : opened) {
            frontend.start();
        }
    }

    /** A medium and its device. */
    EngineDevice newDevice() {
        ScriptedBackend medium =
                new ScriptedBackend(new MemoryBackend(Shape.hostManaged(16, ZONE_BLOCKS))).holding(operation -> false);
        media.add(medium);
        EngineDevice device = EngineDevice.open(DeviceIdentity.of("disk" + devices.size()), medium, ZoneRules.ZBC);
        devices.add(device);
        return device;
    }

    Frontend open(int lun, ZonedDevice device) throws IOException {
        Map<String, String> values = new HashMap<>(settings);
        values.put("socket", socket.toString());
        values.put("lun", Integer.toString(lun));
        Frontend frontend = plan(values, device).open(device);
        frontends.add(frontend);
        return frontend;
    }

    private FrontendPlan plan(Map<String, String> values, ZonedDevice device) {
        TestSettings read = TestSettings.of(extension.keys(), values);
        FrontendPlan plan =
                extension.plan(read, device.identity(), Optional.of(device.geometry()), Optional.of(device.limits()));
        if (!read.problems().isEmpty()) {
            throw new IllegalArgumentException(read.problems().toString());
        }
        return plan;
    }

    Frontend frontend(int index) {
        return frontends.get(index);
    }

    VirtioScsiDriver connect() {
        return connect(VirtioScsiDriver.Options.DEFAULT);
    }

    VirtioScsiDriver connect(VirtioScsiDriver.Options options) {
        return extension instanceof ScsiVfioUser
                ? VirtioScsiDriver.connectPci(Posix.system(), socket, options)
                : VirtioScsiDriver.connect(Posix.system(), socket, options);
    }

    /** A driver that has heard the unit attentions that everybody begins with. */
    VirtioScsiDriver ready(int luns) {
        VirtioScsiDriver driver = connect();
        for (int lun = 0; lun < luns; lun++) {
            driver.clearAttentions(lun);
        }
        return driver;
    }

    /** Sends a buffer whose bytes for the device are given in hexadecimal, and waits for it to come back. */
    static ChainQueue.Chain ask(ChainQueue queue, String hex, int inBytes) {
        return await(queue, queue.send(HEX.parseHex(hex.replace(" ", "")), inBytes));
    }

    static ChainQueue.Chain await(ChainQueue queue, ChainQueue.Chain chain) {
        if (!queue.await(chain, 10_000)) {
            throw new IllegalStateException("the buffer did not come back");
        }
        return chain;
    }

    /** The first bytes of what the device wrote, with blanks as in the expectation. */
    static String hex(ChainQueue.Chain chain, int from, int to) {
        return HexFormat.ofDelimiter(" ").formatHex(chain.in(), from, to);
    }

    static ScsiRequest write(long lba, int blocks) {
        byte[] data = new byte[blocks * 512];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (lba + i / 512 + i % 251);
        }
        return ScsiRequest.write(lba, 512, data);
    }

    @Override
    public void close() {
        frontends.forEach(frontend -> frontend.stop(Duration.ofSeconds(10)));
        for (EngineDevice device : devices) {
            if (!device.close(Duration.ofSeconds(10))) {
                throw new IllegalStateException("requests are still in flight");
            }
        }
    }
}

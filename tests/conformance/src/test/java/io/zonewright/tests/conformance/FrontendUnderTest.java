package io.zonewright.tests.conformance;

import io.zonewright.posix.Posix;
import io.zonewright.testkit.blk.DriverOptions;
import io.zonewright.testkit.blk.VirtioBlkDriver;
import io.zonewright.testkit.blk.VirtioPciBlkDriver;
import io.zonewright.testkit.device.TestDevice;
import io.zonewright.testkit.nvme.pcie.NvmePcieHost;
import io.zonewright.testkit.nvme.pcie.PcieOptions;
import io.zonewright.testkit.nvme.tcp.NvmeTcpHost;
import io.zonewright.testkit.nvme.tcp.TcpOptions;
import io.zonewright.testkit.scsi.iscsi.IscsiOptions;
import io.zonewright.testkit.scsi.iscsi.IscsiSession;
import io.zonewright.testkit.scsi.virtio.VirtioScsiDriver;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A command set over a carrier: how to start it and how to talk to it.
 *
 * @param variant what is unlike another one of the same kind, or empty
 * @param media the media to play every scenario on, a subset of {@link Media#ALL}: one command set behind several carriers
 *     needs every medium only once
 */
record FrontendUnderTest(
        String type, String transport, String variant, Language language, Language.Attach attach, List<Medium> media) {
    /** NQN of the devices under test. */
    static final String NQN = "nqn.2026-11.io.zonewright:test";

    /** Name of the iSCSI targets under test. */
    static final String IQN = "iqn.2026-11.io.zonewright:test";

    static final FrontendUnderTest VIRTIO_BLK = new FrontendUnderTest(
            "virtio-blk",
            "vhost-user",
            Language.VIRTIO_BLK,
            device -> new VirtioBlkClient(VirtioBlkDriver.connect(
                    Posix.system(), device.start("virtio-blk", "vhost-user", Map.of()), DriverOptions.DEFAULT)),
            Media.ALL);

    /** The same over packed rings, of a size that no split ring has: descriptors pass the end in all ways. */
    static final FrontendUnderTest VIRTIO_BLK_PACKED = new FrontendUnderTest(
            "virtio-blk",
            "vhost-user",
            "packed rings",
            Language.VIRTIO_BLK,
            device -> new VirtioBlkClient(VirtioBlkDriver.connect(
                    Posix.system(),
                    device.start("virtio-blk", "vhost-user", Map.of("packed", "true")),
                    DriverOptions.DEFAULT.packed().withQueues(1, 101))),
            List.of(NullZonedMedium.INSTANCE, Media.LATE));

    static final FrontendUnderTest VIRTIO_PCI = new FrontendUnderTest(
            "virtio-blk",
            "vfio-user",
            Language.VIRTIO_BLK,
            device -> new VirtioBlkClient(VirtioPciBlkDriver.connect(
                    Posix.system(), device.start("virtio-blk", "vfio-user", Map.of()), DriverOptions.DEFAULT)),
            List.of(NullZonedMedium.INSTANCE));

    static final FrontendUnderTest NVME_TCP = new FrontendUnderTest(
            "nvme-zns",
            "tcp",
            Language.NVME,
            device -> new NvmeClient(NvmeTcpHost.connect(
                    device.startTcp("nvme-zns", "tcp", Map.of("nqn", NQN)), NQN, TcpOptions.DEFAULT)),
            List.of(
                    NullZonedMedium.INSTANCE,
                    ZnsMedium.INSTANCE,
                    LinuxZbdMedium.INSTANCE,
                    Media.LATE,
                    Media.NATIVE,
                    Media.OWN));

    static final FrontendUnderTest NVME_PCIE = new FrontendUnderTest(
            "nvme-zns",
            "vfio-user",
            Language.NVME,
            device -> new NvmeClient(NvmePcieHost.connect(
                    Posix.system(), device.start("nvme-zns", "vfio-user", Map.of()), PcieOptions.DEFAULT)),
            List.of(
                    NullZonedMedium.INSTANCE,
                    ZnsMedium.INSTANCE,
                    LinuxZbdMedium.INSTANCE,
                    Media.INLINE,
                    Media.NATIVE_LATE,
                    Media.OWN_LATE));

    static final FrontendUnderTest SCSI_VHOST = new FrontendUnderTest(
            "scsi-zbc",
            "vhost-user",
            Language.SCSI,
            device -> new ScsiClient(VirtioScsiDriver.connect(
                    Posix.system(),
                    device.start("scsi-zbc", "vhost-user", Map.of()),
                    VirtioScsiDriver.Options.DEFAULT)),
            List.of(
                    NullZonedMedium.INSTANCE,
                    LinuxZbdMedium.INSTANCE,
                    Media.LATE,
                    Media.NATIVE,
                    Media.OWN,
                    Media.OWN_NATIVE));

    /** The same over packed rings, as {@link #VIRTIO_BLK_PACKED}. */
    static final FrontendUnderTest SCSI_VHOST_PACKED = new FrontendUnderTest(
            "scsi-zbc",
            "vhost-user",
            "packed rings",
            Language.SCSI,
            device -> new ScsiClient(VirtioScsiDriver.connect(
                    Posix.system(),
                    device.start("scsi-zbc", "vhost-user", Map.of("packed", "true")),
                    VirtioScsiDriver.Options.DEFAULT.packed().withQueueSize(53))),
            List.of(Media.LATE));

    static final FrontendUnderTest ISCSI = new FrontendUnderTest(
            "scsi-zbc",
            "iscsi",
            Language.SCSI,
            device -> new ScsiClient(IscsiSession.connect(
                    device.startTcp("scsi-zbc", "iscsi", Map.of("iqn", IQN)), IQN, initiator(device))),
            List.of(
                    NullZonedMedium.INSTANCE,
                    LinuxZbdMedium.INSTANCE,
                    Media.INLINE,
                    Media.OWN,
                    Media.NATIVE_LATE,
                    Media.OWN_LATE));

    /** Every front-end that there is. */
    static final List<FrontendUnderTest> ALL = List.of(
            VIRTIO_BLK, VIRTIO_BLK_PACKED, VIRTIO_PCI, NVME_TCP, NVME_PCIE, SCSI_VHOST, SCSI_VHOST_PACKED, ISCSI);

    FrontendUnderTest(String type, String transport, Language language, Language.Attach attach, List<Medium> media) {
        this(type, transport, "", language, attach, media);
    }

    /** Ways in which a write's data may come, and digests: one for each shape, since no answer may depend on it. */
    private static IscsiOptions initiator(TestDevice device) {
        return switch (device.device().geometry().zoneCount() % 3) {
            case 0 -> IscsiOptions.DEFAULT;
            case 1 -> IscsiOptions.DEFAULT.with("InitialR2T", "Yes").with("ImmediateData", "No");
            default -> IscsiOptions.DEFAULT.withDigests(true, true).withUnasked(512, 4096);
        };
    }

    /** Whether the protocol has a request for everything that the scenario asks. */
    boolean canAsk(Scenario scenario, Shape shape) {
        return scenario.lines().stream().allMatch(line -> canAsk(line.ask(), shape));
    }

    private boolean canAsk(List<String> words, Shape shape) {
        if (words.getFirst().equals("report")) {
            return language.canReport(shape, shape.blocks(words.get(1)));
        }
        Ask ask = Ask.parse(words, shape, blocks -> Ask.NO_DATA);
        return ask == null || language.canSay(shape, ask);
    }

    /** Starts it on a device; the result is its socket. Not for TCP. */
    Path start(TestDevice device) {
        return start(device, Map.of());
    }

    /** Starts it on a device with settings. */
    Path start(TestDevice device, Map<String, String> settings) {
        return device.start(type, transport, settings);
    }

    @Override
    public String toString() {
        return type + "/" + transport + (variant.isEmpty() ? "" : " " + variant);
    }
}

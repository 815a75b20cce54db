/**
 * NVMe as a host speaks it to a PCI Express controller, here behind vfio-user: queues in guest memory, doorbells trapped,
 * mapped or shadowed, PRP and SGL in every legal shape. From the PCIe Transport specification 1.1 and Base 2.1.
 */
@NullMarked
package io.zonewright.testkit.nvme.pcie;

import org.jspecify.annotations.NullMarked;

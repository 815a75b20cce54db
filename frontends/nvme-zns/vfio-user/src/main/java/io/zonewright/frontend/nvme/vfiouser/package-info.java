/** The plugin for an NVMe controller on a vfio-user PCI device. */
@NullMarked
package io.zonewright.frontend.nvme.vfiouser;

import org.jspecify.annotations.NullMarked;

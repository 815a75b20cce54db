/**
 * The words of an NVMe host: submission entries, completions and the structures that Identify and the zone reports give,
 * with literal offsets from the NVM Express Base 2.1, NVM Command Set 1.1 and Zoned Namespace Command Set 1.2
 * specifications; and {@link io.zonewright.testkit.nvme.NvmeHost}, which every carrier provides. Written without a look at
 * the controller side, so that one misreading cannot hide in both. Everything on the wire is little-endian.
 */
@NullMarked
package io.zonewright.testkit.nvme;

import org.jspecify.annotations.NullMarked;

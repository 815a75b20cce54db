/** Where a command's data lies in guest memory: PRPs and SGLs, walked with bounds and without trust. */
@NullMarked
package io.zonewright.frontend.nvme.vfiouser.data;

import org.jspecify.annotations.NullMarked;

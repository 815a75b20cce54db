/** Messages of vfio-user, each with its checks: QEMU, docs/interop/vfio-user.rst; linux/vfio.h. All in native byte order. */
@NullMarked
package io.zonewright.vfiouser.message;

import org.jspecify.annotations.NullMarked;

"""What a key makes of many numbers at once: AES-256, one block a number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES = 16


def keyed_blocks(key: bytes, domain: int, numbers: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Sixteen bytes for each number: nobody without the key can tell them from random, and no two are the same.

    A block cipher is a keyed permutation of its blocks, so different numbers never meet. The electronic codebook
    (NIST SP 800-38A, 6.1) shows equal blocks as equal; here no block is enciphered twice for two meanings: the domain
    is its first byte and the number its last four.

    Args:
        key: 32 bytes.
        domain: 0 to 255; one for each use of the key.
        numbers: what is to be keyed.

    Returns:
        A row of 16 bytes a number.
    """
    blocks = np.zeros((len(numbers), BLOCK_BYTES), np.uint8)
    blocks[:, 0] = domain
    blocks[:, -4:] = np.ascontiguousarray(numbers, ">u4").view(np.uint8).reshape(-1, 4)
    cipher = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()  # noqa: S305 - see above: no block comes twice
    done = cipher.update(blocks.tobytes()) + cipher.finalize()
    return np.frombuffer(done, np.uint8).reshape(-1, BLOCK_BYTES)

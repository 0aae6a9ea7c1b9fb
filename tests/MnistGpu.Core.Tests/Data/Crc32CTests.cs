using MnistGpu.Core.Data;
using MnistGpu.Core.Files;

namespace MnistGpu.Core.Tests.Data;

public class Crc32CTests
{
    /// <summary>RFC 3720, appendix B.4: 32 bytes each; its table has the bytes of a sum in the order of a little-endian machine.</summary>
    [Fact]
    public void TheStandardsExamplesHaveTheStandardsSums()
    {
        byte[] rising = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Assert.Equal(0x8A9136AAu, Crc32C.Append(0, new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Append(0, Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Append(0, rising));
        Assert.Equal(0x46DD794Eu, Crc32C.Append(Crc32C.Append(0, rising.AsSpan(..13)), rising.AsSpan(13..)));
    }
}

using System.Text;
using MnistGpu.Core.Pictures;

namespace MnistGpu.Core.Tests.Pictures;

public class NetpbmFileTests
{
    [Theory]
    [InlineData("P2 3 2 255\n0 1 2\n253 254 255\n", new byte[] { 0, 1, 2, 253, 254, 255 })]
    [InlineData("P2\n# a comment\n3 # another\n1\n15\n0 5 15", new byte[] { 0, 85, 255 })]
    [InlineData("P2 2 1 65535 0 65535", new byte[] { 0, 255 })]
    [InlineData("P1 4 2\n0110\n1 0 0 1", new byte[] { 255, 0, 0, 255, 0, 255, 255, 0 })]
    [InlineData("P3 3 1 255 255 0 0  0 255 0  0 0 255", new byte[] { 76, 150, 29 })]
    public void TextIsDecoded(string file, byte[] pixels) => Assert.Equal(pixels, Decode(file).Pixels);

    [Theory]
    [InlineData("P5 3 1 255\n", new byte[] { 0, 10, 255 }, new byte[] { 0, 10, 255 })]
    [InlineData("P5 2 1 65535\n", new byte[] { 0xFF, 0xFF, 0x80, 0x80 }, new byte[] { 255, 128 })]
    [InlineData("P5 # \n 2 1 100 ", new byte[] { 0, 100 }, new byte[] { 0, 255 })]
    [InlineData("P6 2 1 255\n", new byte[] { 255, 0, 0, 0, 0, 255 }, new byte[] { 76, 29 })]
    [InlineData("P4 9 2\n", new byte[] { 0x80, 0x80, 0x01, 0x00 },
        new byte[] { 0, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 0, 255 })]
    public void BinaryIsDecoded(string header, byte[] samples, byte[] pixels) =>
        Assert.Equal(pixels, NetpbmFile.Decode([.. Encoding.ASCII.GetBytes(header), .. samples]).Pixels);

    [Theory]
    [InlineData("P7 1 1 255\n0", "P1 to P6")]
    [InlineData("P2", "cut short")]
    [InlineData("P2 2 2 255 1 2 3 ", "cut short")]
    [InlineData("P2 2 2 255 1 2 3      ", "cut short")]
    [InlineData("P5 2 2 255\nabc", "cut short")]
    [InlineData("P5 2 2 256\nabcdefg", "cut short")]
    [InlineData("P4 9 2\nabc", "cut short")]
    [InlineData("P1 3 1 01 ", "cut short")]
    [InlineData("P1 2 1 02", "0 or 1")]
    [InlineData("P2 0 2 255 1", "0×2")]
    [InlineData("P2 -1 2 255 1", "number")]
    [InlineData("P5 60000 60000 255\n", "more than")]
    [InlineData("P5 99999999999 1 255\n", "larger than")]
    [InlineData("P2 1 1 0 0", "largest value")]
    [InlineData("P2 1 1 65536 0", "largest value")]
    [InlineData("P2 1 1 9 10", "sample is 10")]
    [InlineData("P5 1 1 9\n~", "sample is 126")]
    [InlineData("P5 1 1 255#~", "header")]
    [InlineData("P2 1 1 255 x", "number")]
    [InlineData("P2 # a comment without an end", "cut short")]
    public void WhatIsWrongIsSaid(string file, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Decode(file)).Message);

    private static GrayImage Decode(string file) => NetpbmFile.Decode(Encoding.ASCII.GetBytes(file));
}

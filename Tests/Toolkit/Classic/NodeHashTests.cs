using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Wire;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Toolkit.Tests.Classic;

/// <summary>Values computed apart from this code from the published definition; the conformance cases check the orders that follow from them.</summary>
public sealed class NodeHashTests
{
    [Theory]
    [InlineData("", 0x81769421199f9e3bUL)]
    [InlineData("a", 0x29962dc026eac9fcUL)]
    [InlineData("12345678", 0x5d826b62696d2b7UL)]
    [InlineData("The quick brown fox", 0x80a5b6efe5c69286UL)]
    public void Bytes(string text, ulong hash) => Assert.Equal(hash, NodeHash.Hash(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("n = Relu(x)", "", 0xd97e89cd07dbd23aUL)]
    [InlineData("n = Conv2D(x, w:1, ^i) @\"/gpu:0\" {T=float, padding=\"SAME\"}", "c", 0xf3eea62d08fe81b3UL)]
    public void Nodes(string node, string name, ulong hash) => Assert.Equal(hash, NodeHash.Compute(GraphText.ParseNode(node), name));

    [Theory]
    [InlineData("n = Relu(x)", "n = Relu(x:0)", true)]
    [InlineData("n = Relu(x)", "n = Relu(x:1)", false)]
    [InlineData("n = Relu(x)", "n = Relu(^x)", false)]
    [InlineData("n = Relu(x) {a=1}", "n = Relu(x) {b=1}", true)]
    [InlineData("n = Relu(x)", "n = Relu(x) @\"/gpu:0\"", false)]
    public void Spellings(string one, string other, bool same) =>
        Assert.Equal(same, NodeHash.Compute(GraphText.ParseNode(one), "") == NodeHash.Compute(GraphText.ParseNode(other), ""));

    /// <summary>Large values are hashed piece by piece; the sizes end at every offset within a word.</summary>
    [Fact]
    public void Large_values_hash_as_their_bytes_do()
    {
        for (int bytes = 70_000; bytes < 70_008; bytes++)
        {
            byte[] content = new byte[bytes];
            new Random(bytes).NextBytes(content);
            Node node = Node.Constant("x", Tensor.FromContent(DataType.UInt8, TensorShape.Of(bytes), content)).Without("dtype");
            ulong expected = NodeHash.Hash("Const"u8);
            foreach (byte[] part in new[] { [], [], WireFormat.Serialize(node.Attributes["value"]) })
                expected ^= NodeHash.Hash(part) + 0x9e3779b97f4a7800 + (expected << 10) + (expected >> 4);
            Assert.Equal(expected, NodeHash.Compute(node, ""));
            Assert.Equal(expected, NodeHash.Compute(node, ""));
        }
    }
}

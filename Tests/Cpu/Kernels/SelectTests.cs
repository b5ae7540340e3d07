using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Select by element, by row and as a whole, of numbers of every size and of strings.</summary>
public sealed class SelectTests
{
    [Fact]
    public void TakesBytesElementByElement() => AssertPicks(Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(2, 2), [1, 2, 3, 4]), Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(2, 2), [5, 6, 7, 8]),
        Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(2, 2), [1, 6, 7, 4]));

    [Fact]
    public void TakesFloatsElementByElement() => AssertPicks(Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 2), [1, 2, 3, 4]), Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 2), [5, 6, 7, float.NaN]),
        Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 2), [1, 6, 7, 4]));

    [Fact]
    public void TakesStringsElementByElement() => AssertPicks(Strings("a", "b", "c", "d"), Strings("e", "f", "g", "h"), Strings("a", "f", "g", "d"));

    [Fact]
    public void TakesRowsByAVector()
    {
        Tensor then = Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 3), [1, 2, 3, 4, 5, 6]);
        Tensor otherwise = Tensor.Create<float>(DataType.Float, TensorShape.Of(2, 3), [7, 8, 9, 10, 11, 12]);
        Assert.Equal([7f, 8f, 9f, 4f, 5f, 6f], Select(Tensor.Create<bool>(DataType.Bool, TensorShape.Of(2), [false, true]), then, otherwise).AsSpan<float>().ToArray());
    }

    private static Tensor Strings(params string[] texts) => Tensor.FromStrings(TensorShape.Of(2, 2), [.. texts.Select(text => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(text))]);

    private static void AssertPicks(Tensor then, Tensor otherwise, Tensor expected) =>
        Assert.True(expected.ContentEquals(Select(Tensor.Create<bool>(DataType.Bool, TensorShape.Of(2, 2), [true, false, false, true]), then, otherwise)));

    private static Tensor Select(Tensor condition, Tensor then, Tensor otherwise) =>
        new Comparison.Select().Compute(new(new Node("y", "Select"), [condition, then, otherwise], new RunState(), CancellationToken.None))[0];
}

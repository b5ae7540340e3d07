using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Rows of a broadcast result hold the pairs of operands that walking it element by element gives.</summary>
public sealed class BroadcastRowTests
{
    [Theory]
    [InlineData(new[] { 4, 5 }, new[] { 4, 5 })]
    [InlineData(new[] { 4, 5 }, new[] { 5 })]
    [InlineData(new[] { 4, 1 }, new[] { 4, 37 })]
    [InlineData(new[] { 2, 3, 1, 1 }, new[] { 2, 1, 4, 9 })]
    [InlineData(new int[0], new[] { 3, 21 })]
    [InlineData(new[] { 1, 1 }, new int[0])]
    [InlineData(new[] { 3, 1, 2, 1 }, new[] { 5, 1, 1 })]
    [InlineData(new[] { 2, 0, 3 }, new[] { 3 })]
    public void They_are_the_pairs_of_its_elements(int[] left, int[] right)
    {
        TensorShape x = TensorShape.Of(Array.ConvertAll(left, value => (long)value));
        TensorShape y = TensorShape.Of(Array.ConvertAll(right, value => (long)value));
        var broadcast = Broadcast.Of(x, y);
        float[] first = [.. Enumerable.Range(1, (int)x.ElementCount).Select(i => i * 1.5f)];
        float[] second = [.. Enumerable.Range(1, (int)y.ElementCount).Select(i => 1e-39f + (i * 100))];
        float[] actual = new float[broadcast.Shape.ElementCount];
        FloatRows.Map<Subtract.Function>(first, second, actual, broadcast);
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < actual.Length; i++, pair.Next())
            Assert.Equal(first[pair.Left] - second[pair.Right], actual[i]);
    }
}

using System.Globalization;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Plans of random graphs of element functions, broadcasts, reductions and moves, whose small sizes coincide often, against the reference kernels.</summary>
public sealed class RandomPlanTests
{
    private const int Graphs = 1000;

    /// <summary>Part of the largest element by which any may differ: reductions and packets round otherwise.</summary>
    private const double Tolerance = 2e-5;

    private static readonly string[] Functions = ["Relu", "Relu6", "Sigmoid", "Tanh", "Neg", "Square", "Abs", "Erf", "Softsign"];

    private static readonly string[] Pairs = ["Add", "AddV2", "Sub", "Mul", "Maximum", "Minimum", "SquaredDifference"];

    [Fact]
    public void A_plan_computes_what_the_reference_kernels_compute()
    {
        for (int seed = 0; seed < Graphs; seed++)
        {
            var (text, output) = Graph(new Random(seed));
            var graph = new PlanCase(text, output);
            Tensor expected = graph.Reference()[0];
            foreach (string set in new[] { "scalar", MicrokernelCatalog.Supported.Last().Name })
            {
                if (graph.Plan(set) is { } plan)
                    Compare(expected, graph.Run(plan)[0], $"seed {seed}, {set}:\n{text}");
            }
        }
    }

    private static void Compare(Tensor expected, Tensor actual, string what)
    {
        Assert.True(expected.Shape.Equals(actual.Shape), what);
        float[] right = expected.ToSingles();
        float[] given = actual.ToSingles();
        double most = right.Select(MathF.Abs).Append(1).Max();
        for (int i = 0; i < right.Length; i++)
            Assert.True(Math.Abs(right[i] - given[i]) <= Tolerance * most, $"element {i} is {given[i]}, not {right[i]}; {what}");
    }

    private static (string Text, string Output) Graph(Random random)
    {
        var lines = new List<string>();
        var tensors = new List<(string Name, long[] Shape)>();
        int rank = random.Next(2, 5);
        long[] first = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(1, 5))];
        Add($"Placeholder() {{dtype=float, shape=({string.Join(',', first)})}}", first);
        int nodes = random.Next(4, 14);
        while (tensors.Count < nodes)
            Extend();
        return (string.Join('\n', lines), tensors[^1].Name);

        string Add(string node, long[] shape)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"n{lines.Count}");
            lines.Add($"{name} = {node}");
            tensors.Add((name, shape));
            return name;
        }

        string Constant(string node)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"n{lines.Count}");
            lines.Add($"{name} = Const() {{{node}}}");
            return name;
        }

        string Integers(long[] values) => Constant($"dtype=int32, value=int32[{values.Length}]{{{string.Join(',', values)}}}");

        void Extend()
        {
            var (x, shape) = tensors[Math.Max(0, tensors.Count - random.Next(1, 4))];
            switch (random.Next(13))
            {
                case 0 or 1:
                    Add($"{Functions[random.Next(Functions.Length)]}({x}) {{T=float}}", shape);
                    break;
                case 2 or 3:
                    long[] part = [.. shape.Skip(random.Next(shape.Length)).Select(size => random.Next(3) == 0 ? 1 : size)];
                    Pair(x, shape, Constant($"dtype=float, shape=({string.Join(',', part)})"), part);
                    break;
                case 4:
                    var (y, other) = tensors[random.Next(tensors.Count)];
                    if (AreBroadcast(shape, other))
                        Pair(x, shape, y, other);
                    break;
                case 5 when shape.Length > 2 || random.Next(2) == 0:
                    bool isFirst = random.Next(2) == 0;
                    string bias = Constant($"dtype=float, shape=({shape[isFirst ? 1 : ^1]})");
                    Add($"BiasAdd({x}, {bias}) {{T=float, data_format=\"{(isFirst ? "NCHW" : "NHWC")}\"}}", shape);
                    break;
                case 6:
                    int axis = random.Next(3) == 0 ? random.Next(shape.Length) : shape.Length - 1;
                    string axes = Constant($"dtype=int32, value=int32[1]{{{axis}}}");
                    Add($"{(random.Next(2) == 0 ? "Mean" : "Sum")}({x}, {axes}) {{T=float, Tidx=int32, keep_dims=true}}", [.. shape.Select((size, i) => i == axis ? 1 : size)]);
                    break;
                case 7:
                    long[] flat = [shape.Aggregate(1L, (product, size) => product * size) / shape[^1], shape[^1]];
                    Add($"Reshape({x}, {Integers(flat)}) {{T=float, Tshape=int32}}", flat);
                    break;
                case 8:
                    Add($"Softmax({x}) {{T=float}}", shape);
                    break;
                case 9:
                    long columns = random.Next(1, 20);
                    string weights = Constant($"dtype=float, shape=({shape[^1]},{columns})");
                    Add($"{(shape.Length == 2 ? "MatMul" : "BatchMatMulV2")}({x}, {weights}) {{T=float}}", [.. shape[..^1], columns]);
                    break;
                case 10:
                    long[] begin = [.. shape.Select(size => random.NextInt64(size))];
                    long[] count = [.. shape.Zip(begin, (size, start) => random.NextInt64(1, size - start + 1))];
                    Add($"Slice({x}, {Integers(begin)}, {Integers(count)}) {{T=float, Index=int32}}", count);
                    break;
                case 11:
                    int along = random.Next(shape.Length);
                    string place = Constant($"dtype=int32, value=int32[]{{{along}}}");
                    Add($"ConcatV2({x}, {x}, {place}) {{T=float, N=2}}", [.. shape.Select((size, i) => i == along ? 2 * size : size)]);
                    break;
                case 12:
                    long[] pads = [.. shape.SelectMany(_ => new long[] { random.Next(2), random.Next(3) })];
                    string around = Constant($"dtype=int32, value=int32[{shape.Length},2]{{{string.Join(',', pads)}}}");
                    Add($"Pad({x}, {around}) {{T=float, Tpaddings=int32}}", [.. shape.Select((size, i) => size + pads[2 * i] + pads[(2 * i) + 1])]);
                    break;
                default:
                    int[] order = [.. Enumerable.Range(0, shape.Length)];
                    random.Shuffle(order);
                    string places = Constant($"dtype=int32, value=int32[{order.Length}]{{{string.Join(',', order)}}}");
                    Add($"Transpose({x}, {places}) {{T=float, Tperm=int32}}", [.. order.Select(place => shape[place])]);
                    break;
            }
        }

        void Pair(string x, long[] shape, string y, long[] other)
        {
            bool turns = random.Next(2) == 0;
            Add($"{Pairs[random.Next(Pairs.Length)]}({(turns ? y : x)}, {(turns ? x : y)}) {{T=float}}", Broadcast(shape, other));
        }
    }

    private static bool AreBroadcast(long[] x, long[] y) =>
        Enumerable.Range(1, Math.Min(x.Length, y.Length)).All(i => x[^i] == y[^i] || x[^i] == 1 || y[^i] == 1);

    private static long[] Broadcast(long[] x, long[] y) =>
        [.. Enumerable.Range(1, Math.Max(x.Length, y.Length)).Reverse().Select(i => Math.Max(i <= x.Length ? x[^i] : 1, i <= y.Length ? y[^i] : 1))];
}

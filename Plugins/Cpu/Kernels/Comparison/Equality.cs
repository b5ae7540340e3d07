using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Comparison;

[Kernel("Equal")]
internal sealed class Equal : EqualityKernel<Equal.Relation>
{
    protected override bool WhenEqual => true;

    internal readonly struct Relation : IRelation
    {
        public static bool Holds<T>(T x, T y)
            where T : struct, INumber<T> => x == y;
    }
}

[Kernel("NotEqual")]
internal sealed class NotEqual : EqualityKernel<NotEqual.Relation>
{
    protected override bool WhenEqual => false;

    internal readonly struct Relation : IRelation
    {
        public static bool Holds<T>(T x, T y)
            where T : struct, INumber<T> => x != y;
    }
}

/// <summary>Equality also of truth values, strings and complex numbers; shapes that do not broadcast are unequal as a whole when <c>incompatible_shape_error</c> is false.</summary>
internal abstract class EqualityKernel<TRelation> : ComparisonKernel<TRelation>
    where TRelation : struct, IRelation
{
    protected abstract bool WhenEqual { get; }

    public override IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Node.Bool("incompatible_shape_error") ? base.InferShapes(node) : [TensorShape.Unknown];

    public override Tensor[] Compute(KernelCall call)
    {
        if (!call.Node.Bool("incompatible_shape_error") && !CanBroadcast(call.Inputs[0].Shape, call.Inputs[1].Shape))
            return [Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [!WhenEqual])];
        return base.Compute(call);
    }

    protected override Tensor Other(Tensor x, Tensor y, Broadcast broadcast)
    {
        Tensor result = Tensor.Allocate<bool>(DataType.Bool, broadcast.Shape, out var z);
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = AreEqual(x, y, pair) == WhenEqual;
        return result;
    }

    private static bool AreEqual(Tensor x, Tensor y, IndexPairs pair) => x.Type switch
    {
        DataType.Bool => x.AsSpan<bool>()[pair.Left] == y.AsSpan<bool>()[pair.Right],
        DataType.String => x.Strings[pair.Left].Span.SequenceEqual(y.Strings[pair.Right].Span),
        DataType.Complex64 => x.AsSpan<(float Real, float Imaginary)>()[pair.Left] == y.AsSpan<(float Real, float Imaginary)>()[pair.Right],
        DataType.Complex128 => x.AsSpan<Complex>()[pair.Left] == y.AsSpan<Complex>()[pair.Right],
        _ => throw Refuse.Type(x.Type, "numbers, bool and string"),
    };

    private static bool CanBroadcast(TensorShape x, TensorShape y) =>
        x.Dimensions.Reverse().Zip(y.Dimensions.Reverse()).All(pair => pair.First == pair.Second || pair.First == 1 || pair.Second == 1);
}

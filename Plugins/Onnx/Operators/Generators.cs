using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Constants, counted and filled tensors, conversions of type.</summary>
internal static partial class Generators
{
    private const int MostFilled = 1 << 20;

    [Infers("Constant")]
    public static void InferConstant(NodeInference node)
    {
        Tensor? value = node.TensorOf("value") ?? node.TensorOf("sparse_value");
        if (node.HasAttribute("value_float"))
            value = Tensor.Scalar(node.Real("value_float", 0));
        else if (node.HasAttribute("value_int"))
            value = Tensors.Integer(node.Integer("value_int", 0));
        else if (node.Reals("value_floats") is { } reals)
            value = Tensor.Create<float>(DataType.Float, TensorShape.Of(reals.Length), reals);
        else if (node.Integers("value_ints") is { } integers)
            value = Tensors.Integers(integers);
        else if (node.HasAttribute("value_string"))
            value = Tensors.Strings(node.Text("value_string"));
        else if (node.Texts("value_strings") is { } texts)
            value = Tensor.FromStrings(TensorShape.Of(texts.Length), [.. texts.Select(text => new ReadOnlyMemory<byte>(System.Text.Encoding.UTF8.GetBytes(text)))]);
        node.Set(ValueInfo.Of(value ?? throw OnnxDiagnostics.Mismatch("it has no value")) with { Narrow = node.NarrowOf("value") });
    }

    [Infers("ConstantOfShape")]
    public static void InferConstantOfShape(NodeInference node)
    {
        Tensor value = node.TensorOf("value") ?? Tensor.Scalar(0f);
        ImmutableArray<long?> target = node[0].Elements;
        if (target.IsDefault)
        {
            node.Set(value.Type, node[0].Shape is { Rank: 1 } shape && shape[0] is >= 0 and < 64 ? TensorShape.Of([.. Enumerable.Repeat(-1L, (int)shape[0])]) : TensorShape.Unknown);
            return;
        }
        TensorShape filled = TensorShape.Of([.. target.Select(dimension => dimension ?? -1)]);
        bool isSmall = filled.TryCount(out long count) && count <= MostFilled && value.ElementCount == 1;
        if (isSmall && ConstantFolding.Broadcast(Tensors.Reshape(value), filled) is { } constant)
            node.Set(ValueInfo.Of(constant));
        else
            node.Set(value.Type, filled);
    }

    [Infers("Range")]
    public static void InferRange(NodeInference node)
    {
        if (node.Known(0) is not [var start] || node.Known(1) is not [var limit] || node.Known(2) is not [var delta] || delta == 0)
        {
            node.Set(node[0].Type, TensorShape.Of(-1));
            return;
        }
        Int128 distance = delta > 0 ? (Int128)limit - start : (Int128)start - limit;
        Int128 step = Int128.Abs(delta);
        Int128 count = distance <= 0 ? 0 : (distance + step - 1) / step;
        if (count <= 256)
            node.Set(ValueInfo.OfElements(node[0].Type, TensorShape.Of((long)count), [.. Enumerable.Range(0, (int)count).Select(i => (long?)(start + (i * delta)))]));
        else
            node.Set(node[0].Type, TensorShape.Of((long)Int128.Min(count, long.MaxValue)));
    }

    [Infers("EyeLike")]
    public static void InferEyeLike(NodeInference node) => node.Set(node.TypeOf("dtype") ?? node[0].Type, node[0].Shape);

    [Infers("Cast")]
    public static void InferCast(NodeInference node) => Convert(node, node.TypeOf("to") ?? throw OnnxDiagnostics.Mismatch("the attribute 'to' is missing"));

    [Infers("CastLike")]
    public static void InferCastLike(NodeInference node) => Convert(node, node[1].Type);

    private static void Convert(NodeInference node, DataType type)
    {
        ValueInfo data = node[0];
        bool isFollowed = !data.Elements.IsDefault && type is DataType.Int64 or DataType.Int32 && data.Shape.IsFullyKnown && data.Elements.All(element => element is null or (>= int.MinValue and <= int.MaxValue));
        node.Set(isFollowed ? ValueInfo.OfElements(type, data.Shape, data.Elements) : new(type, data.Shape));
    }

    /// <summary>Constants are known before they are read.</summary>
    [Reads("Constant")]
    public static void ReadConstant(NodeReader node) => node.Set(0, node.Const(node.Output(0)!.Constant!), node.Output(0));

    [Reads("ConstantOfShape")]
    public static void ReadConstantOfShape(NodeReader node)
    {
        Tensor value = node.TensorOf("value") ?? Tensor.Scalar(0f);
        node.Result("Fill", [node[0], node.Const(Tensors.Reshape(value))]);
    }

    [Reads("Range")]
    public static void ReadRange(NodeReader node) => node.Result("Range", [.. Enumerable.Range(0, 3).Select(i => node.Info(i).Rank == 0 ? node[i] : node.Reshape(node[i]))]);

    [Reads("EyeLike")]
    public static void ReadEyeLike(NodeReader node)
    {
        DataType type = node.Output(0)!.Type;
        TensorShape shape = node.Info(0).Shape;
        if (shape is not { Rank: 2, IsFullyKnown: true } || !shape.TryCount(out long count) || count > MostFilled)
            throw OnnxDiagnostics.Decline("the shape must be known and not large");
        long diagonal = node.Integer("k", 0);
        byte[] ones = new byte[count];
        for (long row = 0; row < shape[0]; row++)
        {
            if (row + diagonal >= 0 && row + diagonal < shape[1])
                ones[(row * shape[1]) + row + diagonal] = 1;
        }
        node.Set(0, node.Cast(node.Const(Tensor.FromContent(DataType.Bool, shape, ones)), type));
    }

    /// <summary>Text is not converted: TensorFlow spells numbers differently.</summary>
    [Reads("Cast", "CastLike", Declines = "text")]
    public static void ReadCast(NodeReader node)
    {
        DataType type = node.Output(0)!.Type;
        if (type == DataType.String || node.TypeOf(0) == DataType.String)
            throw OnnxDiagnostics.Decline("text and numbers are not converted into each other");
        Float8? narrow = node.Op == "Cast" ? Float8.Of(node.Integer("to", 0)) : node.Info(1).Narrow;
        node.Set(0, narrow is null ? node.Cast(node[0], type) : Quantization.Narrowed(node, node[0], narrow), narrow is null ? null : node.Output(0)! with { Narrow = narrow });
    }

    [Infers("HannWindow", "HammingWindow", "BlackmanWindow")]
    public static void InferWindow(NodeInference node) => node.Set(node.TypeOf("output_datatype") ?? DataType.Float, TensorShape.Of(node.Known(0) is [var size] ? size : -1));

    /// <summary>Sums of cosines of 2πi/N, or of N - 1 for symmetric ones.</summary>
    [Reads("HannWindow", "HammingWindow", "BlackmanWindow")]
    public static void ReadWindow(NodeReader node)
    {
        double[] weights = node.Op switch
        {
            "HannWindow" => [0.5, -0.5],
            "HammingWindow" => [25.0 / 46, -(1 - (25.0 / 46))],
            _ => [0.42, -0.5, 0.08],
        };
        DataType type = node.TypeOf("output_datatype") ?? DataType.Float;
        NodeInput size = node.Cast(node.Reshape(node[0]), DataType.Int64);
        NodeInput index = node.Cast(node.Emit("Range", [node.Scalar(DataType.Int64, 0), size, node.Scalar(DataType.Int64, 1)]), DataType.Double);
        NodeInput period = node.Cast(node.Flag("periodic", otherwise: true) ? size : node.Emit("Sub", [size, node.Scalar(DataType.Int64, 1)]), DataType.Double);
        NodeInput angle = node.Emit("RealDiv", [node.Emit("Mul", [index, node.Scalar(DataType.Double, 2 * Math.PI)]), period]);
        NodeInput sum = node.Scalar(DataType.Double, weights[0]);
        for (int i = 1; i < weights.Length; i++)
        {
            NodeInput wave = node.Emit("Cos", [i == 1 ? angle : node.Emit("Mul", [angle, node.Scalar(DataType.Double, i)])]);
            sum = node.Emit("AddV2", [sum, node.Emit("Mul", [wave, node.Scalar(DataType.Double, weights[i])])]);
        }
        node.Set(0, node.Cast(sum, type));
    }

    [Infers("RandomUniform", "RandomNormal")]
    public static void InferRandom(NodeInference node) => node.Set(node.TypeOf("dtype") ?? DataType.Float, TensorShape.Of(node.Integers("shape") ?? []));

    [Infers("RandomUniformLike", "RandomNormalLike")]
    public static void InferRandomLike(NodeInference node) => node.Set(node.TypeOf("dtype") ?? node[0].Type, node[0].Shape);

    /// <summary>Other numbers than another runtime's, of the same distribution.</summary>
    [Reads("RandomUniform", "RandomNormal", "RandomUniformLike", "RandomNormalLike")]
    public static void ReadRandom(NodeReader node)
    {
        bool isUniform = node.Op.StartsWith("RandomUniform", StringComparison.Ordinal);
        DataType type = node.Output(0)!.Type;
        NodeInput shape = node.Count > 0 ? node.Emit("Shape", [node[0]]) : node.Ints(node.Integers("shape") ?? []);
        NodeInput values = node.Emit(isUniform ? "RandomUniform" : "RandomStandardNormal", [shape], ("dtype", type), ("seed", (long)node.Real("seed", 0)));
        double offset = isUniform ? node.Real("low", 0) : node.Real("mean", 0);
        double scale = isUniform ? node.Real("high", 1) - offset : node.Real("scale", 1);
        node.Result("AddV2", [node.Emit("Mul", [values, node.Scalar(type, scale)]), node.Scalar(type, offset)]);
    }

    [Reads("Bernoulli")]
    public static void ReadBernoulli(NodeReader node)
    {
        NodeInput drawn = node.Emit("RandomUniform", [node.Emit("Shape", [node[0]])], ("dtype", node.TypeOf(0)), ("seed", (long)node.Real("seed", 0)));
        node.Set(0, node.Cast(node.Emit("Less", [drawn, node[0]]), node.Output(0)!.Type));
    }
}

using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Functions of each element.</summary>
internal static partial class Unary
{
    private static readonly FrozenDictionary<string, string> Ops = new Dictionary<string, string>
    {
        ["Not"] = "LogicalNot",
        ["IsNaN"] = "IsNan",
        ["BitwiseNot"] = "Invert",
    }.ToFrozenDictionary();

    [Infers("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Celu", "Cos", "Cosh", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "Log", "Mish", "Neg",
        "Not", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Clip", "PRelu", "Bernoulli")]
    public static void Infer(NodeInference node) => node.Set(node.Op == "Bernoulli" && node.TypeOf("dtype") is { } type ? type : node[0].Type, node[0].Shape);

    [Infers("Gelu", "QuickGelu", "FastGelu", Domain = "com.microsoft")]
    public static void InferContrib(NodeInference node) => node.Set(node[0].Type, node[0].Shape);

    [Infers("IsNaN", "IsInf")]
    public static void InferTest(NodeInference node) => node.Set(DataType.Bool, node[0].Shape);

    [Reads("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Cos", "Cosh", "Erf", "Exp", "Floor", "IsNaN", "Log", "Neg", "Not", "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin", "Sinh",
        "Softplus", "Softsign", "Sqrt", "Tan", "Tanh")]
    public static void Read(NodeReader node) => node.Result(Ops.GetValueOrDefault(node.Op, node.Op), [node[0]]);

    [Reads("LeakyRelu")]
    public static void ReadLeakyRelu(NodeReader node) => node.Result("LeakyRelu", [node[0]], ("alpha", node.Real("alpha", 0.01f)));

    [Reads("Elu")]
    public static void ReadElu(NodeReader node)
    {
        float alpha = node.Real("alpha", 1);
        if (alpha == 1)
            node.Result("Elu", [node[0]]);
        else
            node.Result("SelectV2", [Positive(node), node[0], Scaled(node, node.Emit("Elu", [node[0]]), alpha)]);
    }

    /// <summary>TensorFlow's Selu has the default constants of ONNX.</summary>
    [Reads("Selu")]
    public static void ReadSelu(NodeReader node)
    {
        const float alpha = 1.67326319217681884765625f;
        const float gamma = 1.05070102214813232421875f;
        if (node.Real("alpha", alpha) == alpha && node.Real("gamma", gamma) == gamma)
        {
            node.Result("Selu", [node[0]]);
            return;
        }
        NodeInput elu = Scaled(node, node.Emit("Elu", [node[0]]), node.Real("alpha", alpha));
        NodeInput selected = node.Emit("SelectV2", [Positive(node), node[0], elu]);
        node.Result("Mul", [selected, node.Scalar(node.TypeOf(0), node.Real("gamma", gamma))]);
    }

    [Reads("Celu")]
    public static void ReadCelu(NodeReader node)
    {
        float alpha = node.Real("alpha", 1);
        NodeInput elu = node.Emit("Elu", [node.Emit("RealDiv", [node[0], node.Scalar(node.TypeOf(0), alpha)])]);
        node.Result("SelectV2", [Positive(node), node[0], Scaled(node, elu, alpha)]);
    }

    [Reads("HardSigmoid")]
    public static void ReadHardSigmoid(NodeReader node) => node.Result("ClipByValue", [Linear(node, node.Real("alpha", 0.2f), node.Real("beta", 0.5f)), node.Scalar(node.TypeOf(0), 0), node.Scalar(node.TypeOf(0), 1)]);

    [Reads("HardSwish")]
    public static void ReadHardSwish(NodeReader node)
    {
        NodeInput gate = node.Emit("ClipByValue", [Linear(node, 1f / 6, 0.5f), node.Scalar(node.TypeOf(0), 0), node.Scalar(node.TypeOf(0), 1)]);
        node.Result("Mul", [node[0], gate]);
    }

    [Reads("Mish")]
    public static void ReadMish(NodeReader node) => node.Result("Mul", [node[0], node.Emit("Tanh", [node.Emit("Softplus", [node[0]])])]);

    [Reads("Swish")]
    public static void ReadSwish(NodeReader node) => node.Result("Mul", [node[0], node.Emit("Sigmoid", [Scaled(node, node[0], node.Real("alpha", 1))])]);

    [Reads("QuickGelu", Domain = "com.microsoft")]
    public static void ReadQuickGelu(NodeReader node) => node.Result("Mul", [node[0], node.Emit("Sigmoid", [Scaled(node, node[0], node.Real("alpha", 1.702f))])]);

    [Reads("Gelu")]
    public static void ReadGelu(NodeReader node) => node.Set(0, Gelu(node, node[0], node.Text("approximate", "none") == "tanh"));

    [Reads("Gelu", Domain = "com.microsoft")]
    public static void ReadContribGelu(NodeReader node) => node.Set(0, Gelu(node, node[0], usesTanh: false));

    [Reads("BiasGelu", "FastGelu", Domain = "com.microsoft")]
    public static void ReadBiasGelu(NodeReader node) => node.Set(0, Gelu(node, node.Has(1) ? node.Emit("AddV2", [node[0], node[1]]) : node[0], node.Op == "FastGelu"));

    /// <summary>y = x above alpha, else 0.</summary>
    [Reads("ThresholdedRelu")]
    public static void ReadThresholdedRelu(NodeReader node)
    {
        NodeInput isAbove = node.Emit("Greater", [node[0], node.Scalar(node.TypeOf(0), node.Real("alpha", 1))]);
        node.Result("SelectV2", [isAbove, node[0], node.Scalar(node.TypeOf(0), 0)]);
    }

    [Reads("Shrink")]
    public static void ReadShrink(NodeReader node)
    {
        DataType type = node.TypeOf(0);
        float lambda = node.Real("lambd", 0.5f);
        NodeInput bias = node.Scalar(type, node.Real("bias", 0));
        NodeInput upper = node.Emit("SelectV2", [node.Emit("Greater", [node[0], node.Scalar(type, lambda)]), node.Emit("Sub", [node[0], bias]), node.Scalar(type, 0)]);
        node.Result("SelectV2", [node.Emit("Less", [node[0], node.Scalar(type, -lambda)]), node.Emit("AddV2", [node[0], bias]), upper]);
    }

    [Reads("IsInf")]
    public static void ReadIsInf(NodeReader node)
    {
        bool positive = node.Flag("detect_positive", otherwise: true);
        bool negative = node.Flag("detect_negative", otherwise: true);
        NodeInput infinite = node.Emit("IsInf", [node[0]]);
        NodeInput zero = node.Scalar(node.TypeOf(0), 0);
        if (positive && negative)
            node.Result("IsInf", [node[0]]);
        else if (!positive && !negative)
            node.Result("LogicalAnd", [infinite, node.Scalar(DataType.Bool, 0)]);
        else
            node.Result("LogicalAnd", [infinite, node.Emit(positive ? "Greater" : "Less", [node[0], zero])]);
    }

    /// <summary>Bounds are inputs from opset 11 on; an absent one does not bound.</summary>
    [Reads("Clip")]
    public static void ReadClip(NodeReader node)
    {
        DataType type = node.TypeOf(0);
        NodeInput? low = node.Has(1) ? node[1] : node.HasAttribute("min") ? node.Scalar(type, node.Real("min", 0)) : (NodeInput?)null;
        NodeInput? high = node.Has(2) ? node[2] : node.HasAttribute("max") ? node.Scalar(type, node.Real("max", 0)) : (NodeInput?)null;
        bool isRelu = Bound(node, 1, "min") == 0;
        if (isRelu && Bound(node, 2, "max") == 6 && Tensors.IsFloat(type))
            node.Result("Relu6", [node[0]]);
        else if (isRelu && high is null && Tensors.IsFloat(type))
            node.Result("Relu", [node[0]]);
        else if (low is { } least && high is { } most)
            node.Result("Minimum", [node.Emit("Maximum", [node[0], least]), most]);
        else if (low is { } only)
            node.Result("Maximum", [node[0], only]);
        else if (high is { } upper)
            node.Result("Minimum", [node[0], upper]);
        else
            node.Set(0, node[0]);
    }

    /// <summary>The slope is broadcast to the input; until opset 6 it is one for each channel.</summary>
    [Reads("PRelu")]
    public static void ReadPRelu(NodeReader node)
    {
        bool isOfChannels = node.Opset < 7 && node.Info(1).Rank == 1 && node.Rank(0) > 2;
        NodeInput slope = isOfChannels ? node.Reshape(node[1], [-1, .. Enumerable.Repeat(1L, node.Rank(0) - 2)]) : node[1];
        NodeInput zero = node.Scalar(node.TypeOf(0), 0);
        NodeInput negative = node.Emit("Mul", [node.Emit("Minimum", [node[0], zero]), slope]);
        node.Result("AddV2", [node.Emit("Maximum", [node[0], zero]), negative]);
    }

    /// <summary>0.5·x·(1 + erf(x/√2)), or its approximation by tanh.</summary>
    public static NodeInput Gelu(NodeReader node, NodeInput x, bool usesTanh)
    {
        DataType type = node.Scope.Emitter.TypeOf(x);
        NodeInput half = node.Emit("Mul", [x, node.Scalar(type, 0.5)]);
        NodeInput inner;
        if (usesTanh)
        {
            NodeInput cube = node.Emit("Mul", [node.Emit("Mul", [x, node.Emit("Mul", [x, x])]), node.Scalar(type, 0.044715)]);
            inner = node.Emit("Tanh", [node.Emit("Mul", [node.Emit("AddV2", [x, cube]), node.Scalar(type, 0.7978845608028654)])]);
        }
        else
        {
            inner = node.Emit("Erf", [node.Emit("Mul", [x, node.Scalar(type, 0.70710678118654752)])]);
        }
        return node.Emit("Mul", [half, node.Emit("AddV2", [inner, node.Scalar(type, 1)])]);
    }

    private static float? Bound(NodeReader node, int input, string attribute) =>
        node.Has(input) ? node.KnownReals(input) is [var value] ? value : null : node.HasAttribute(attribute) ? node.Real(attribute, 0) : null;

    private static NodeInput Positive(NodeReader node) => node.Emit("Greater", [node[0], node.Scalar(node.TypeOf(0), 0)]);

    private static NodeInput Scaled(NodeReader node, NodeInput x, float factor) => factor == 1 ? x : node.Emit("Mul", [x, node.Scalar(node.TypeOf(0), factor)]);

    private static NodeInput Linear(NodeReader node, float alpha, float beta) => node.Emit("AddV2", [node.Emit("Mul", [node[0], node.Scalar(node.TypeOf(0), alpha)]), node.Scalar(node.TypeOf(0), beta)]);
}

using System.Collections.Frozen;

namespace TransformFramework.Onnx.Forms;

/// <summary>The form of each op that ONNX has one for.</summary>
internal static class OnnxForms
{
    private static readonly FrozenDictionary<string, IOnnxForm> Forms = new Dictionary<string, IOnnxForm>(StringComparer.Ordinal)
    {
        ["Const"] = new ConstantForm(),
        ["Identity"] = new IdentityForm(),
        ["StopGradient"] = new IdentityForm(),
        ["CheckNumerics"] = new IdentityForm(),
        ["PlaceholderWithDefault"] = new IdentityForm(),
        ["Conv2D"] = new ConvolutionForm(),
        ["DepthwiseConv2dNative"] = new ConvolutionForm(),
        ["MatMul"] = new MatMulForm(),
        ["MaxPool"] = new PoolingForm("MaxPool"),
        ["AvgPool"] = new PoolingForm("AveragePool"),
        ["FusedBatchNorm"] = new BatchNormForm(),
        ["FusedBatchNormV2"] = new BatchNormForm(),
        ["FusedBatchNormV3"] = new BatchNormForm(),
        ["BiasAdd"] = new BinaryForm("Add"),
        ["Add"] = new BinaryForm("Add"),
        ["AddV2"] = new BinaryForm("Add"),
        ["Sub"] = new BinaryForm("Sub"),
        ["Mul"] = new BinaryForm("Mul"),
        ["RealDiv"] = new BinaryForm("Div"),
        ["Maximum"] = new BinaryForm("Max"),
        ["Minimum"] = new BinaryForm("Min"),
        ["Pow"] = new BinaryForm("Pow"),
        ["Relu"] = new UnaryForm("Relu"),
        ["Elu"] = new UnaryForm("Elu"),
        ["Selu"] = new UnaryForm("Selu"),
        ["Sigmoid"] = new UnaryForm("Sigmoid"),
        ["Softplus"] = new UnaryForm("Softplus"),
        ["Softsign"] = new UnaryForm("Softsign"),
        ["Tanh"] = new UnaryForm("Tanh"),
        ["Exp"] = new UnaryForm("Exp"),
        ["Log"] = new UnaryForm("Log"),
        ["Sqrt"] = new UnaryForm("Sqrt"),
        ["Neg"] = new UnaryForm("Neg"),
        ["Abs"] = new UnaryForm("Abs"),
        ["Floor"] = new UnaryForm("Floor"),
        ["Ceil"] = new UnaryForm("Ceil"),
        ["Round"] = new UnaryForm("Round"),
        ["Relu6"] = new Relu6Form(),
        ["LeakyRelu"] = new LeakyReluForm(),
        ["Rsqrt"] = new RsqrtForm(),
        ["Square"] = new SquareForm(),
        ["Softmax"] = new SoftmaxForm("Softmax"),
        ["LogSoftmax"] = new SoftmaxForm("LogSoftmax"),
        ["Pad"] = new PadForm("constant"),
        ["PadV2"] = new PadForm("constant"),
        ["MirrorPad"] = new PadForm("reflect"),
        ["Concat"] = new ConcatForm(),
        ["ConcatV2"] = new ConcatForm(),
        ["Mean"] = new ReductionForm("ReduceMean"),
        ["Sum"] = new ReductionForm("ReduceSum"),
        ["Max"] = new ReductionForm("ReduceMax"),
        ["Min"] = new ReductionForm("ReduceMin"),
        ["Reshape"] = new ReshapeForm(),
        ["Squeeze"] = new SqueezeForm(),
        ["ExpandDims"] = new ExpandDimsForm(),
        ["Transpose"] = new TransposeForm(),
        ["ResizeBilinear"] = new ResizeForm("linear"),
        ["ResizeNearestNeighbor"] = new ResizeForm("nearest"),
        ["Cast"] = new CastForm(),
        ["Shape"] = new ShapeForm(),
        ["Pack"] = new PackForm(),
        ["StridedSlice"] = new StridedSliceForm(),
        ["Split"] = new SplitForm(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Ops that have a form.</summary>
    public static IEnumerable<string> Ops => Forms.Keys;

    public static IOnnxForm? Find(string op) => Forms.GetValueOrDefault(op);
}

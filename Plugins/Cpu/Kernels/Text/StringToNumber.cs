using System.Globalization;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Reads numbers from strings.</summary>
[Kernel("StringToNumber")]
internal sealed class StringToNumber : IKernel
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
    private const NumberStyles Real = NumberStyles.Float;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        DataType type = call.Node.Type("out_type");
        return [type switch
        {
            DataType.Float => Parse<float>(input, type, Real),
            DataType.Double => Parse<double>(input, type, Real),
            DataType.Int32 => Parse<int>(input, type, Whole),
            DataType.Int64 => Parse<long>(input, type, Whole),
            _ => throw Refuse.Type(type, "float, double, int32 and int64"),
        }];
    }

    private static Tensor Parse<T>(Tensor input, DataType type, NumberStyles style)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        Tensor result = Tensor.Allocate<T>(type, input.Shape, out var numbers);
        for (int i = 0; i < numbers.Length; i++)
        {
            string text = Strings.Text(input.Strings[i]);
            if (!T.TryParse(Spelling(text, style), style, CultureInfo.InvariantCulture, out numbers[i]))
                throw Refuse.Invalid($"StringToNumberOp could not correctly convert string: {text}");
        }
        return result;
    }

    private static string Spelling(string text, NumberStyles style) => style == Whole ? text : text.Trim().ToLowerInvariant() switch
    {
        "inf" or "+inf" or "infinity" => "Infinity",
        "-inf" or "-infinity" => "-Infinity",
        _ => text,
    };
}

using System.Globalization;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Writes numbers as C's printf does: integers with %d, floats with %f, %e (scientific) or %g (shortest).</summary>
[Kernel("AsString")]
internal sealed class AsString : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var format = Format.Of(call.Node, input.Type);
        var texts = new ReadOnlyMemory<byte>[input.ElementCount];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = Strings.Bytes(Element(input, i, format));
        return [Strings.Of(input.Shape, texts)];
    }

    private static string Element(Tensor input, int i, Format format)
    {
        switch (input.Type)
        {
            case DataType.Bool:
                return input.AsSpan<bool>()[i] ? "true" : "false";
            case DataType.Complex64:
                var single = input.AsSpan<(float Real, float Imaginary)>()[i];
                return $"({format.Real(single.Real)},{format.Real(single.Imaginary)})";
            case DataType.Complex128:
                var twice = input.AsSpan<(double Real, double Imaginary)>()[i];
                return $"({format.Real(twice.Real)},{format.Real(twice.Imaginary)})";
            case DataType.Int64:
                return format.Whole(input.AsSpan<long>()[i]);
            case DataType.UInt64:
                return format.Whole(input.AsSpan<ulong>()[i]);
            case DataType.Float:
                return format.Real(input.AsSpan<float>()[i]);
            default:
                double value = RealValues.ToDoubles(input)[i];
                return input.Type.IsFloating() ? format.Real(value) : format.Whole((Int128)value);
        }
    }

    private sealed record Format(int Precision, bool IsScientific, bool IsShortest, int Width, string Fill)
    {
        public static Format Of(Node node, DataType type)
        {
            var format = new Format(node.Int("precision"), node.Bool("scientific"), node.Bool("shortest"), node.Int("width"), node.Text("fill"));
            if (format.IsScientific && format.IsShortest)
                throw Refuse.Invalid("Cannot select both scientific and shortest notation");
            if (format.Fill.Length > 1)
                throw Refuse.Invalid($"Fill string must be one or fewer characters, not '{format.Fill}'");
            bool isReal = type.IsFloating() || type is DataType.Complex64 or DataType.Complex128;
            if (!isReal && (format.Precision > -1 || format.IsScientific || format.IsShortest))
                throw Refuse.Invalid($"precision, scientific and shortest are not supported for type {type.Name()}");
            return format;
        }

        public string Whole(Int128 value) => Pad(value.ToString(CultureInfo.InvariantCulture));

        public string Real(double value)
        {
            int digits = Precision < 0 ? 6 : Precision;
            if (!double.IsFinite(value) || IsShortest)
                return Pad(NumberText.General(value, Math.Max(digits, 1)));
            if (!IsScientific)
                return Pad(value.ToString($"F{digits}", CultureInfo.InvariantCulture));
            string text = value.ToString($"E{digits}", CultureInfo.InvariantCulture);
            int at = text.IndexOf('E', StringComparison.Ordinal);
            return Pad(text[..at] + NumberText.Exponent(int.Parse(text[(at + 1)..], CultureInfo.InvariantCulture)));
        }

        private string Pad(string text)
        {
            bool isNegative = text.StartsWith('-');
            string signed = isNegative || Fill is not ("+" or " ") ? text : Fill + text;
            if (Width <= signed.Length)
                return signed;
            if (Fill == "-")
                return signed.PadRight(Width);
            return Fill != "0" ? signed.PadLeft(Width) : isNegative ? "-" + text[1..].PadLeft(Width - 1, '0') : text.PadLeft(Width, '0');
        }
    }
}

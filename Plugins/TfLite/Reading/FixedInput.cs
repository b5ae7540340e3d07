using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>The value of an input that is fixed when the model is read.</summary>
internal static class FixedInput
{
    /// <summary>A tensor of the input's shape with the same value everywhere.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The text is no value of the type, or the input has no fixed shape.</exception>
    public static Tensor Parse(string text, DataType type, TfLiteTensor input)
    {
        TensorShape shape = TensorShape.Of([.. input.Shape.Select(size => (long)size)]);
        if (!shape.IsFullyKnown)
            throw TfLiteDiagnostics.Invalid($"input '{input.Name}' of shape {shape} cannot be fixed; its shape is not known");
        bool isNumber = double.TryParse(text, CultureInfo.InvariantCulture, out double number);
        bool isTruth = bool.TryParse(text, out bool truth);
        return type switch
        {
            DataType.Float when isNumber => Tensor.FromValues(type, shape, BitConverter.GetBytes((float)number)),
            DataType.Int32 when isNumber => Tensor.FromValues(type, shape, BitConverter.GetBytes((int)number)),
            DataType.Int64 when isNumber => Tensor.FromValues(type, shape, BitConverter.GetBytes((long)number)),
            DataType.Int8 or DataType.UInt8 when isNumber => Tensor.FromValues(type, shape, new[] { unchecked((byte)(int)number) }),
            DataType.Bool when isTruth => Tensor.FromValues(type, shape, BitConverter.GetBytes(truth)),
            _ => throw TfLiteDiagnostics.Invalid($"'{text}' is no value for input '{input.Name}' of type {type.Name()}"),
        };
    }
}

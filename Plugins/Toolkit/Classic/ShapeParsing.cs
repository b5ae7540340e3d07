using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>Shapes in script arguments: <c>"1,224,224,3"</c>.</summary>
public static class ShapeParsing
{
    /// <summary>Parses a shape. Negative dimensions, which end the original's process, and <c>?</c> mean "unknown" when <paramref name="allowUnknown"/>.</summary>
    /// <exception cref="TransformException">InvalidArgument: not a list of integers. Aborted: a negative dimension, or more than 2^63 elements.</exception>
    public static TensorShape Parse(string text, bool allowUnknown)
    {
        if (text.Length == 0)
            throw new TransformException(StatusKind.InvalidArgument, "Specificed shape is empty.");
        var dimensions = ImmutableArray.CreateBuilder<long>();
        foreach (string piece in text.Split(','))
            dimensions.Add(allowUnknown && piece.Trim() == "?" ? -1 : Dimension(piece, text, allowUnknown));
        if (dimensions.Any(dimension => dimension < 0) && !(allowUnknown && dimensions.All(dimension => dimension >= -1)))
        {
            throw new TransformException(StatusKind.Aborted, $"the shape '{text}' has a negative dimension")
            {
                Suggestion = allowUnknown ? "Write -1 for an unknown dimension." : "Without --verbatim, -1 stands for an unknown dimension.",
            };
        }
        TensorShape shape = TensorShape.Of(dimensions.ToImmutable());
        try
        {
            _ = shape.ElementCount;
            return shape;
        }
        catch (OverflowException error)
        {
            throw new TransformException(StatusKind.Aborted, $"the shape '{text}' has more than 2^63 elements", inner: error);
        }
    }

    private static long Dimension(string piece, string text, bool allowUnknown)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingSign;
        string trimmed = piece.Trim(' ', '\t', '\n', '\v', '\f', '\r');
        if (!trimmed.StartsWith('+') && long.TryParse(trimmed, Style, CultureInfo.InvariantCulture, out long dimension))
            return dimension;
        throw new TransformException(StatusKind.InvalidArgument, allowUnknown ? $"'{text}' is not a shape" : $"Could parse as shape: '{text}'") { Suggestion = "A shape is whole numbers with commas between, -1 or ? for an unknown dimension: \"1,224,224,3\"." };
    }
}

using System.Text;
using System.Text.RegularExpressions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Strings without white space at both ends.</summary>
[Kernel("StringStrip")]
internal sealed class StringStrip : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call) => [Strings.Map(call.Inputs[0], Trim)];

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> text) => text.Trim(" \t\n\v\f\r"u8);
}

/// <summary>Lower or upper case: of ASCII letters, or of all with encoding utf-8.</summary>
[Kernel("StringLower", "StringUpper")]
internal sealed class StringCase : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        bool toLower = call.Node.Op == "StringLower";
        string encoding = call.Node.Attributes.ContainsKey("encoding") ? call.Node.Text("encoding") : "";
        return encoding switch
        {
            "" => [Strings.Map(call.Inputs[0], text => Ascii(text.Span, toLower))],
            "utf-8" => [Strings.MapText(call.Inputs[0], text => toLower ? text.ToLowerInvariant() : text.ToUpperInvariant())],
            _ => throw Refuse.Invalid($"only utf-8 or '' (no encoding) is supported for 'encoding' attribute, not '{encoding}'"),
        };
    }

    private static byte[] Ascii(ReadOnlySpan<byte> text, bool toLower)
    {
        byte[] result = text.ToArray();
        foreach (ref byte letter in result.AsSpan())
        {
            if (toLower ? letter is >= (byte)'A' and <= (byte)'Z' : letter is >= (byte)'a' and <= (byte)'z')
                letter ^= 0x20;
        }
        return result;
    }
}

/// <summary>Replaces what a pattern matches; <c>\1</c> in the rewrite is a group, <c>\0</c> the whole match.</summary>
[Kernel("RegexReplace", "StaticRegexReplace")]
internal sealed class RegexReplace : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        bool isStatic = call.Node.Op == "StaticRegexReplace";
        Regex pattern = Patterns.Parse(isStatic ? call.Node.Text("pattern") : Strings.Scalar(call.Inputs[1], "Pattern"));
        string rewrite = isStatic ? call.Node.Text("rewrite") : Strings.Scalar(call.Inputs[2], "Rewrite");
        int most = call.Node.Bool("replace_global") ? -1 : 1;
        return [Strings.MapText(call.Inputs[0], text => pattern.Replace(text, match => Expand(rewrite, match), most))];
    }

    private static string Expand(string rewrite, Match match)
    {
        var text = new StringBuilder();
        for (int i = 0; i < rewrite.Length; i++)
        {
            if (rewrite[i] != '\\' || i + 1 == rewrite.Length)
            {
                text.Append(rewrite[i]);
                continue;
            }
            char next = rewrite[++i];
            if (char.IsAsciiDigit(next))
                text.Append(match.Groups[next - '0'].Value);
            else
                text.Append(next);
        }
        return text.ToString();
    }
}

[Kernel("RegexFullMatch", "StaticRegexFullMatch")]
internal sealed class RegexFullMatch : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        string pattern = call.Node.Op == "StaticRegexFullMatch" ? call.Node.Text("pattern") : Strings.Scalar(call.Inputs[1], "Pattern");
        Regex whole = Patterns.Parse($"\\A(?:{pattern})\\z");
        return [Tensor.Create<bool>(DataType.Bool, input.Shape, input.Strings.Select(text => whole.IsMatch(Strings.Text(text))).ToArray())];
    }
}

internal static class Patterns
{
    /// <summary>A pattern that is matched in time proportional to the text, as by the original's library; what such a library has not (look-around, references to groups) is no valid pattern.</summary>
    public static Regex Parse(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw Refuse.Invalid($"Invalid pattern: {pattern}, error: {error.Message}");
        }
    }
}

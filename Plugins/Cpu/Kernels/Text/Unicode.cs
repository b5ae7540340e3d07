using System.Buffers;
using System.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>What becomes of bytes that are no characters of an encoding, and of control characters.</summary>
/// <param name="Errors">strict, replace or ignore.</param>
/// <param name="Replacement">The character in place of others.</param>
/// <param name="ReplacesControls">True when control characters of 00 to 1F are replaced too.</param>
internal sealed record UnicodeErrors(string Errors, int Replacement, bool ReplacesControls)
{
    public static UnicodeErrors Of(Node node)
    {
        int replacement = node.Int("replacement_char");
        if (!Rune.IsValid(replacement))
            throw Refuse.Invalid($"replacement_char out of unicode codepoint range, which is from 0 to 0x10FFFF but for surrogates: {replacement}");
        return new(node.Choice("errors", "strict", "replace", "ignore"), replacement, node.Attributes.ContainsKey("replace_control_characters") && node.Bool("replace_control_characters"));
    }

    /// <summary>The characters of a text, each with the byte that it starts at.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: errors are strict, and there is one.</exception>
    public List<(int Character, int Start)> Decode(ReadOnlySpan<byte> text, string encoding)
    {
        var characters = new List<(int, int)>();
        for (int at = 0; at < text.Length;)
        {
            OperationStatus status = Next(text[at..], encoding, out int character, out int length);
            if (status != OperationStatus.Done)
            {
                if (Errors == "strict")
                    throw Refuse.Invalid("Invalid formatting on input string");
                if (Errors == "replace")
                    characters.Add((Replacement, at));
            }
            else
            {
                characters.Add((ReplacesControls && character < 0x20 ? Replacement : character, at));
            }
            at += Math.Max(1, length);
        }
        return characters;
    }

    private static OperationStatus Next(ReadOnlySpan<byte> text, string encoding, out int character, out int length)
    {
        Rune rune = Rune.ReplacementChar;
        OperationStatus status = OperationStatus.Done;
        switch (encoding.ToUpperInvariant())
        {
            case "UTF-8":
                status = Rune.DecodeFromUtf8(text, out rune, out length);
                break;
            case "UTF-16-BE" or "UTF-16BE":
                status = Utf16(text, out rune, out length);
                break;
            case "UTF-32-BE" or "UTF-32BE":
                length = Math.Min(4, text.Length);
                bool isWhole = text.Length >= 4 && Rune.TryCreate(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(text), out rune);
                status = isWhole ? OperationStatus.Done : OperationStatus.InvalidData;
                break;
            case "US-ASCII" or "US ASCII" or "ASCII":
                length = 1;
                status = text[0] < 128 ? OperationStatus.Done : OperationStatus.InvalidData;
                rune = new(text[0] < 128 ? text[0] : 0);
                break;
            case "ISO-8859-1" or "LATIN1":
                length = 1;
                rune = new(text[0]);
                break;
            default:
                throw Refuse.Invalid($"Could not create converter for input encoding: {encoding}; supported are UTF-8, UTF-16-BE, UTF-32-BE, US-ASCII and ISO-8859-1");
        }
        character = rune.Value;
        return status;
    }

    private static OperationStatus Utf16(ReadOnlySpan<byte> text, out Rune rune, out int length)
    {
        Span<char> units = stackalloc char[2];
        int count = Math.Min(2, text.Length / 2);
        for (int i = 0; i < count; i++)
            units[i] = (char)((text[2 * i] << 8) | text[(2 * i) + 1]);
        OperationStatus status = Rune.DecodeFromUtf16(units[..count], out rune, out int used);
        length = Math.Min(text.Length, Math.Max(1, used) * 2);
        return count == 0 ? OperationStatus.InvalidData : status;
    }

    /// <summary>The bytes of characters in an encoding; those that are none are treated as errors.</summary>
    public byte[] Encode(IEnumerable<int> characters, string encoding)
    {
        var text = new StringBuilder();
        foreach (int character in characters)
        {
            if (Rune.TryCreate(character, out Rune rune))
                text.Append(rune.ToString());
            else if (Errors == "strict")
                throw Refuse.Invalid("Code point is out of range for Unicode, or a noncharacter.");
            else if (Errors == "replace")
                text.Append(new Rune(Replacement).ToString());
        }
        return encoding switch
        {
            "UTF-8" => Encoding.UTF8.GetBytes(text.ToString()),
            "UTF-16-BE" => Encoding.BigEndianUnicode.GetBytes(text.ToString()),
            "UTF-32-BE" => new UTF32Encoding(bigEndian: true, byteOrderMark: false).GetBytes(text.ToString()),
            _ => throw Refuse.Invalid($"attribute 'output_encoding' is \"{encoding}\"; supported are UTF-8, UTF-16-BE and UTF-32-BE"),
        };
    }
}

/// <summary>Strings of one encoding in another one.</summary>
[Kernel("UnicodeTranscode")]
internal sealed class UnicodeTranscode : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        var errors = UnicodeErrors.Of(call.Node);
        string from = call.Node.Text("input_encoding");
        string to = call.Node.Text("output_encoding");
        return [Strings.Map(call.Inputs[0], text => errors.Encode(errors.Decode(text.Span, from).Select(found => found.Character), to))];
    }
}

/// <summary>The characters of strings as a ragged tensor of integers, with the byte at which each starts on demand.</summary>
[Kernel("UnicodeDecode", "UnicodeDecodeWithOffsets")]
internal sealed class UnicodeDecode : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Node.Op == "UnicodeDecode" ? [TensorShape.Of(-1), TensorShape.Of(-1)] : [TensorShape.Of(-1), TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        var errors = UnicodeErrors.Of(call.Node);
        string encoding = call.Node.Text("input_encoding");
        var splits = new List<long> { 0 };
        var all = new List<(int Character, int Start)>();
        foreach (ReadOnlyMemory<byte> text in call.Inputs[0].Strings)
        {
            all.AddRange(errors.Decode(text.Span, encoding));
            splits.Add(all.Count);
        }
        Tensor rows = Integers.Write(call.Node.Type("Tsplits"), TensorShape.Of(splits.Count), [.. splits]);
        Tensor characters = Tensor.Create<int>(DataType.Int32, TensorShape.Of(all.Count), [.. all.Select(found => found.Character)]);
        return call.Node.Op == "UnicodeDecode" ? [rows, characters] : [rows, characters, Integers.Write(DataType.Int64, TensorShape.Of(all.Count), [.. all.Select(found => (long)found.Start)])];
    }
}

/// <summary>Strings of the rows of characters of a ragged tensor.</summary>
[Kernel("UnicodeEncode")]
internal sealed class UnicodeEncode : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        var errors = UnicodeErrors.Of(call.Node);
        string encoding = call.Node.Text("output_encoding");
        int[] characters = call.Inputs[0].AsSpan<int>().ToArray();
        long[] splits = Integers.Read(call.Inputs[1]);
        var texts = new ReadOnlyMemory<byte>[Math.Max(0, splits.Length - 1)];
        for (int row = 0; row < texts.Length; row++)
        {
            if (splits[row] < 0 || splits[row + 1] < splits[row] || splits[row + 1] > characters.Length)
                throw Refuse.Invalid("Values in input_splits must be non-decreasing and within the input");
            texts[row] = errors.Encode(characters[(int)splits[row]..(int)splits[row + 1]], encoding);
        }
        return [Strings.Of(TensorShape.Of(texts.Length), texts)];
    }
}

using TransformFramework.Diagnostics;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Checkpoints;

/// <summary>The fields of a protobuf message, one after the other.</summary>
internal ref struct ProtoFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <summary>Number of the current field.</summary>
    public int Number { get; private set; }

    /// <summary>The current field's value, when it is a number.</summary>
    public ulong Value { get; private set; }

    /// <summary>The current field's bytes, when it is a text or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="TransformException">FailedPrecondition: the message ends within a field.</exception>
    public bool Next()
    {
        if (rest.IsEmpty)
            return false;
        ulong key = Varint(ref rest);
        Number = (int)(key >> 3);
        Bytes = default;
        switch (key & 7)
        {
            case 0:
                Value = Varint(ref rest);
                break;
            case 1:
                Value = BitConverter.ToUInt64(Take(ref rest, sizeof(ulong)));
                break;
            case 2:
                Bytes = Take(ref rest, Varint(ref rest));
                break;
            case 5:
                Value = BitConverter.ToUInt32(Take(ref rest, sizeof(uint)));
                break;
            default:
                throw Malformed();
        }
        return true;
    }

    /// <summary>Takes a number of up to ten bytes of seven bits, the lowest first.</summary>
    public static ulong Varint(scoped ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < Math.Min(bytes.Length, 10); i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return value;
        }
        throw Malformed();
    }

    /// <summary>Takes so many bytes.</summary>
    public static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> bytes, ulong count)
    {
        if (count > (ulong)bytes.Length)
            throw Malformed();
        ReadOnlySpan<byte> taken = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return taken;
    }

    /// <summary>The failure of an index that is cut short or damaged.</summary>
    public static TransformException Malformed() => new(StatusKind.FailedPrecondition, "the index of the checkpoint is malformed") { Suggestion = "Copy the checkpoint anew, with all its files." };
}

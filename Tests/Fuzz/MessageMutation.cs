namespace TransformFramework.Fuzz;

/// <summary>Changes of a field of a protobuf message at any depth; lengths around it stay right.</summary>
internal static class MessageMutation
{
    private const int MostFields = 1 << 16;

    private static readonly ulong[] Telling = [0, 1, 2, 7, 20, 0x7F, 0x80, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63, ulong.MaxValue];

    /// <summary>A copy of the message with one field changed.</summary>
    public static byte[] Change(byte[] message, Random random) => Change(message, random, random.Next(1, 8));

    private static byte[] Change(byte[] message, Random random, int depth)
    {
        var fields = Fields(message);
        if (fields is null || fields.Count == 0)
            return ByteMutation.Apply(message, random);
        int number = random.Next(fields.Count);
        var (start, value, end) = fields[number];
        byte[] field = message[start..end];
        byte[] payload = message[value..end];
        var other = fields[random.Next(fields.Count)];
        bool isDelimited = (message[start] & 7) == 2;
        byte[] changed = random.Next(10) switch
        {
            0 => [],
            1 => [.. field, .. field],
            2 => [.. field, .. message[other.Start..other.End]],
            4 => [(byte)(field[0] ^ (1 << random.Next(7))), .. field[1..]],
            _ when isDelimited && depth > 0 => Delimited(Tag(message, start), Change(payload, random, depth - 1)),
            _ when isDelimited => Delimited(Tag(message, start), ByteMutation.Apply(payload, random)),
            _ => [.. Tag(message, start), .. Number(message[start] & 7, Telling[random.Next(Telling.Length)])],
        };
        return [.. message[..start], .. changed, .. message[end..]];
    }

    /// <summary>A number as the wire type of its tag has it.</summary>
    private static byte[] Number(int wireType, ulong value) => wireType switch
    {
        1 => BitConverter.GetBytes(value),
        5 => BitConverter.GetBytes(unchecked((uint)value)),
        _ => Varint(value),
    };

    private static byte[] Delimited(byte[] tag, byte[] payload) => [.. tag, .. Varint((ulong)payload.Length), .. payload];

    private static byte[] Tag(byte[] message, int start)
    {
        int end = start;
        while (message[end++] >= 0x80)
        {
        }
        return message[start..end];
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    /// <summary>The fields of a message, or null when the bytes are none.</summary>
    private static List<(int Start, int Value, int End)>? Fields(byte[] message)
    {
        var fields = new List<(int, int, int)>();
        for (int at = 0; at < message.Length && fields.Count < MostFields;)
        {
            int start = at;
            if (Read(message, ref at) is not { } tag || tag < 8)
                return null;
            int value = at;
            ulong? length = (tag & 7) switch { 0 => Read(message, ref at) is null ? null : 0, 1 => 8, 2 => Read(message, ref at), 5 => 4, _ => null };
            if (length is null || length > (ulong)(message.Length - at))
                return null;
            value = (tag & 7) == 2 ? at : value;
            at += (int)length;
            fields.Add((start, value, at));
        }
        return fields;
    }

    private static ulong? Read(byte[] message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && at < message.Length; shift += 7)
        {
            byte next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        return null;
    }
}

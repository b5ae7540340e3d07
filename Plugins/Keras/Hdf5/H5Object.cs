using System.Collections.Immutable;

namespace TransformFramework.Keras.Hdf5;

/// <summary>Kinds of header messages that are read.</summary>
internal enum H5MessageKind
{
    Dataspace = 0x01,
    LinkInfo = 0x02,
    Datatype = 0x03,
    Link = 0x06,
    Layout = 0x08,
    Filters = 0x0B,
    Attribute = 0x0C,
    Continuation = 0x10,
    SymbolTable = 0x11,
    AttributeInfo = 0x15,
}

/// <summary>A message of an object's header.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="IsShared">True when it only says where it is.</param>
internal readonly record struct H5Message(H5MessageKind Kind, ReadOnlyMemory<byte> Content, bool IsShared);

/// <summary>The header of a group or dataset, versions 1 and 2.</summary>
internal static class H5Object
{
    /// <summary>The messages, those of continuation blocks included.</summary>
    public static ImmutableArray<H5Message> Messages(H5Bytes file, long address)
    {
        var messages = ImmutableArray.CreateBuilder<H5Message>();
        var blocks = new Queue<(long Address, long Length)>();
        bool isNew = file.At(address, 4).Span.SequenceEqual("OHDR"u8);
        bool hasOrder = false;
        if (isNew)
            hasOrder = ReadNew(file, address, messages, blocks);
        else
            ReadOld(file, address, messages, blocks);
        while (blocks.TryDequeue(out var block))
        {
            if (!isNew)
            {
                file.Visit();
                ReadMessages(file, file.Cursor(block.Address, block.Length), messages, blocks, hasOrder, isNew);
                continue;
            }
            H5Cursor cursor = file.Block(block.Address, block.Length, "OCHK"u8);
            ReadMessages(file, new(file, cursor.Bytes(cursor.Left - 4)), messages, blocks, hasOrder, isNew);
        }
        return messages.ToImmutable();
    }

    private static void ReadOld(H5Bytes file, long address, ImmutableArray<H5Message>.Builder messages, Queue<(long, long)> blocks)
    {
        file.Visit();
        H5Cursor head = file.Cursor(address, 16);
        if (head.Byte() != 1)
            throw file.Damaged($"the object at {address} has no header");
        head.Skip(7);
        ReadMessages(file, file.Cursor(address + 16, head.UInt32()), messages, blocks, hasOrder: false, isNew: false);
    }

    private static bool ReadNew(H5Bytes file, long address, ImmutableArray<H5Message>.Builder messages, Queue<(long, long)> blocks)
    {
        H5Cursor head = file.Block(address, 6, "OHDR"u8);
        if (head.Byte() != 2)
            throw file.Damaged($"the object at {address} has no header");
        int flags = head.Byte();
        int skipped = ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        int size = 1 << (flags & 3);
        long length = file.Cursor(address + 6 + skipped, size).Number(size);
        bool hasOrder = (flags & 4) != 0;
        ReadMessages(file, file.Cursor(address + 6 + skipped + size, length), messages, blocks, hasOrder, isNew: true);
        return hasOrder;
    }

    private static void ReadMessages(H5Bytes file, H5Cursor cursor, ImmutableArray<H5Message>.Builder messages, Queue<(long, long)> blocks, bool hasOrder, bool isNew)
    {
        int headLength = isNew ? hasOrder ? 6 : 4 : 8;
        while (cursor.Left >= headLength)
        {
            var kind = (H5MessageKind)(isNew ? cursor.Byte() : cursor.UInt16());
            int size = cursor.UInt16();
            int flags = cursor.Byte();
            cursor.Skip(headLength - (isNew ? 4 : 5));
            ReadOnlyMemory<byte> content = cursor.Bytes(size);
            file.Visit();
            if (kind != H5MessageKind.Continuation)
            {
                messages.Add(new(kind, content, (flags & 2) != 0));
                continue;
            }
            var where = new H5Cursor(file, content);
            blocks.Enqueue((where.Offset(), where.Length()));
        }
    }
}

using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Cpu.Kernels.Examples;

/// <summary>The features of a serialized <c>tf.train.Example</c>: message Example { Features features = 1 }, Features { map&lt;string, Feature&gt; feature = 1 }. Of features of one name the last counts.</summary>
internal sealed class Example
{
    private readonly Dictionary<string, ValueList?> features = new(StringComparer.Ordinal);

    private Example()
    {
    }

    /// <summary>Reads an example.</summary>
    /// <exception cref="TransformFramework.Execution.ExecutionException">InvalidArgument: the bytes are no Example.</exception>
    public static Example Parse(ReadOnlyMemory<byte> serialized, string name)
    {
        var example = new Example();
        try
        {
            var message = new WireReader(serialized);
            while (message.Next())
            {
                if (message.Field == 1 && message.Type == WireType.Bytes)
                    example.ReadFeatures(message.Message());
                else
                    message.Skip();
            }
            return example;
        }
        catch (ModelFormatException error)
        {
            throw Refuse.Invalid($"Could not parse example input, value: '{name}': {error.Message}");
        }
    }

    /// <summary>The feature of a name; null when the example has none or an empty one.</summary>
    public ValueList? Find(string key) => features.GetValueOrDefault(key);

    private void ReadFeatures(WireReader message)
    {
        while (message.Next())
        {
            if (message.Field == 1 && message.Type == WireType.Bytes)
                ReadEntry(message.Message());
            else
                message.Skip();
        }
    }

    private void ReadEntry(WireReader entry)
    {
        string key = "";
        ReadOnlyMemory<byte> value = default;
        while (entry.Next())
        {
            if (entry.Field == 1 && entry.Type == WireType.Bytes)
                key = entry.String();
            else if (entry.Field == 2 && entry.Type == WireType.Bytes)
                value = entry.Bytes();
            else
                entry.Skip();
        }
        features[key] = ValueList.Parse(value);
    }
}

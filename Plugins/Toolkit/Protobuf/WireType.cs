namespace TransformFramework.Toolkit.Protobuf;

/// <summary>How the value of a protobuf field is laid out.</summary>
#if ABSTRACTIONS
internal
#else
public
#endif
enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}

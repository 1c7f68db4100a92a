use put_core::PutPart;

#[derive(PutPart)]
union Bits {
    whole: u32,
    half: u16,
}

fn main() {}

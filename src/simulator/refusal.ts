/** TikTok's way to say no: HTTP 200 with a return code other than 0 and a text. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** 40002 PARAM_ERROR, the code of nearly every wrong parameter. */
export function parameterError(message: string): Refusal {
  return new Refusal(40002, message);
}
